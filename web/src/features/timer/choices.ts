/** After how long messages disappear. */

const HOUR = 3_600;
const DAY = 24 * HOUR;

/** What can be chosen, in seconds; its words stand in `timer.json`. */
export const choices = [
	{ seconds: 0, words: 'off' },
	{ seconds: HOUR, words: 'hour' },
	{ seconds: 8 * HOUR, words: 'hours8' },
	{ seconds: DAY, words: 'day' },
	{ seconds: 7 * DAY, words: 'week' },
	{ seconds: 28 * DAY, words: 'weeks4' },
	{ seconds: 365 * DAY, words: 'year' },
] as const;

/** The words of a choice; null for a time that another app has chosen. */
export function wordsOf(seconds: number): (typeof choices)[number]['words'] | null {
	return choices.find((one) => one.seconds === seconds)?.words ?? null;
}
