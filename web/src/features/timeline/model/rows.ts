/** Turns the items of a conversation into what is drawn: groups, days, the line before what is new. */

import type { Item } from '../../../engine/contract';
import { factsOf } from './facts';

/** A sender's messages stand together while they follow within this time. */
export const groupMs = 5 * 60_000;
/** The author's time and the server's are both shown when they are further apart. */
export const clocksApartMs = 5 * 60_000;

/** A row of the timeline. Keys stay the same while rows come and go around them. */
export type Row =
	| { is: 'day'; key: string; time: number }
	/** What comes after has not been read. */
	| { is: 'new'; key: string }
	| {
			is: 'message';
			key: string;
			item: Item;
			text: string;
			/** The first of its group: the name and the face stand here. */
			first: boolean;
			last: boolean;
			/** The author's clock and the server's disagree. */
			clocksApart: boolean;
	  }
	| { is: 'system'; key: string; item: Item };

/** What decides about the rows besides the items. */
export interface RowsOptions {
	/** Read up to here when the conversation was opened; null: no line. */
	newAfter: number | null;
	/** There is something before the first item, so that nothing can be said about what precedes it. */
	older: boolean;
	/** Which day a time belongs to, where the person is: equal for times of the same day. */
	dayOf: (time: number) => string;
}

/** The time by which a message is placed: the server's, as authors' clocks may be wrong; the author's while it waits. */
export function placeTime(item: Item): number {
	return item.serverTime === 0 ? item.time : item.serverTime;
}

function clocksApart(item: Item): boolean {
	return item.serverTime !== 0 && Math.abs(item.serverTime - item.time) > clocksApartMs;
}

function together(a: Item | undefined, b: Item): boolean {
	return (
		a !== undefined &&
		a.body.is === 'text' &&
		b.body.is === 'text' &&
		a.sender === b.sender &&
		Math.abs(placeTime(b) - placeTime(a)) <= groupMs
	);
}

/** The item before which the line stands: the first unread one of somebody else, if what precedes it was read. */
function firstNew(items: readonly Item[], options: RowsOptions): Item | null {
	const { newAfter, older } = options;
	if (newAfter === null) return null;
	const index = items.findIndex((item) => item.seq !== null && item.seq > newAfter && !item.own);
	const found = items[index];
	if (found === undefined || (index === 0 && older)) return null;
	return found;
}

/** Renewed keys happen by themselves and say nothing to people; nor does a change of nothing that people see. */
function shown({ body }: Item): boolean {
	return body.is !== 'keysUpdated' && (body.is !== 'members' || factsOf(body).length > 0);
}

/** The rows for these items, in ascending order. */
export function rowsOf(items: readonly Item[], options: RowsOptions): Row[] {
	const rows: Row[] = [];
	const visible = items.filter(shown);
	const fresh = firstNew(visible, options);
	let before: Item | undefined;
	let day = '';
	for (const item of visible) {
		const itsDay = options.dayOf(placeTime(item));
		// whether the day begins with the first item here is not known while there are older ones
		if (itsDay !== day && (before !== undefined || !options.older)) {
			// where a clock was wrong a day can begin twice. An item that begins a day with something before it does so whatever is
			// loaded, and with nothing before it only where nothing can be loaded.
			rows.push({ is: 'day', key: `day ${item.key}`, time: placeTime(item) });
			before = undefined;
		}
		day = itsDay;
		if (item === fresh) {
			rows.push({ is: 'new', key: 'new' });
			before = undefined;
		}
		rows.push(rowOf(item, rows.at(-1), before));
		before = item;
	}
	return rows;
}

function rowOf(item: Item, above: Row | undefined, before: Item | undefined): Row {
	if (item.body.is !== 'text') return { is: 'system', key: item.key, item };
	const first = !together(before, item);
	if (!first && above?.is === 'message') above.last = false;
	return {
		is: 'message',
		key: item.key,
		item,
		text: item.body.text,
		first,
		last: true,
		clocksApart: clocksApart(item),
	};
}
