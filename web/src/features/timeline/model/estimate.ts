import { factsOf } from './facts';
import type { Row } from './rows';
import { shorten } from './shorten';

/** How much room there is for text, and what stands beside it; of what MessageRow.module.css says. */
export interface Room {
	/** Width of the rows, in px. */
	width: number;
	/** px in a rem: people choose the size of their text. */
	rem: number;
	/** Names and faces stand beside messages. */
	faces: boolean;
}

/** As wide as letters are on average, in rem. */
const letter = 0.43;
const line = 0.9375 * 1.45;
const small = 0.8125 * 1.45;

/**
 * How high rows will be, in px, before they are measured. Where that is right nothing has to be moved once a row is measured: most
 * are right, as they are right once the number of their lines is.
 */
export class Estimates {
	#known = new WeakMap<Row, number>();

	constructor(private readonly room: Room) {}

	of(row: Row | undefined): number {
		if (row === undefined) return 0;
		const known = this.#known.get(row);
		if (known !== undefined) return known;
		const height = Math.round(this.#height(row));
		this.#known.set(row, height);
		return height;
	}

	#height(row: Row): number {
		const { rem } = this.room;
		switch (row.is) {
			case 'day':
				return (1.5 + small) * rem;
			case 'new':
				return (1 + small) * rem;
			case 'system': {
				const { body } = row.item;
				const sentences = body.is === 'members' ? factsOf(body).length : 1;
				return (1.5 + small * sentences) * rem;
			}
			case 'message':
				return this.#message(row);
		}
	}

	#message({ text, first, item }: Extract<Row, { is: 'message' }>): number {
		const { width, rem, faces } = this.room;
		const named = faces && !item.own;
		const column = Math.min(width - 2 * rem, 60 * rem) - (named ? 2.5 * rem : 0);
		const perLine = (Math.min(34 * rem, column * 0.84) - 1.5 * rem) / (letter * rem);
		const short = shorten(text);
		const paragraphs = (short ?? text).split('\n');
		const lines = paragraphs.reduce((sum, one) => sum + Math.max(1, Math.ceil(one.length / perLine)), 0);
		// time and ticks stand in the last line if there is room
		const end = ((paragraphs.at(-1)?.length ?? 0) % perLine) + (item.own ? 5 : 3.75) / letter;
		const below = short === null ? (end > perLine ? 1.3125 : 0) : 2 + 1.3125;
		const above = named && first ? small + 0.0625 : 0;
		return 2 + (first ? 0.5 * rem - 1 : 0) + (0.875 + lines * line + above + below) * rem;
	}
}
