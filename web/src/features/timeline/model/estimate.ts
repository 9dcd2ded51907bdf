import type { Row } from './rows';

/** About how high a row is before it was measured, in px. It only moves the scroll bar. */
export function estimate(row: Row | undefined): number {
	if (row?.is === 'day') return 50;
	if (row?.is === 'new' || row?.is === 'system') return 38;
	if (row?.is !== 'message') return 38;
	const { text, first } = row;
	const breaks = text.length < 3000 ? text.split('\n').length - 1 : 18;
	const lines = Math.min(30, breaks + Math.ceil(Math.min(text.length, 1500) / 55));
	return 16 + lines * 22 + (first ? 7 : 0);
}
