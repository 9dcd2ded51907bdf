/** The keyboard's way through the rows. */

import type { Row } from './rows';

export type Move = 'up' | 'down' | 'first' | 'last';

/** Lines between days say nothing that the rows around them do not. */
export function focusable(row: Row | undefined): boolean {
	return row?.is === 'message' || row?.is === 'system';
}

/** The key of the row that is next from `from`; null: there is none. */
export function target(rows: readonly Row[], from: number, move: Move): string | null {
	const step = move === 'up' || move === 'last' ? -1 : 1;
	const begin = move === 'first' ? 0 : move === 'last' ? rows.length - 1 : from + step;
	for (let index = begin; index >= 0 && index < rows.length; index += step) {
		const row = rows[index];
		if (row !== undefined && focusable(row)) return row.key;
	}
	return null;
}
