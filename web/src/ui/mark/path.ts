/**
 * The mark on a grid of 64, one path: head with two ears, a tail that curls out below as the bubble's pointer, and two eyes
 * left open. `scripts/icons.mjs` makes the favicon and the app icons from it.
 */
export const MARK_PATH =
	'M12 8.5c0-2.2 2.5-3.4 4.2-2L25.5 14a34 34 0 0 1 13 0l9.3-7.5c1.7-1.4 4.2-.2 4.2 2V22c3.2 3.4 5 7.5 5 12 0 11.6-11.2 20-25 20-1.3 0-2.6-.1-3.9-.2-3.5 3.8-8.8 6.2-15.1 6.2-1.9 0-2.7-2.3-1.2-3.5 2.5-2 4-4.6 4.5-7.3C10.7 45.5 7 40.2 7 34c0-4.5 1.8-8.6 5-12V8.5Z M22 27.5a3.75 5 0 1 0 0 10 3.75 5 0 0 0 0-10Z M42 27.5a3.75 5 0 1 0 0 10 3.75 5 0 0 0 0-10Z';
