import { type TouchEvent, useRef } from 'react';

/** A finger that has moved so far (px) means it. */
const FAR = 64;
/** So near to the edge (px) a gesture of the system or the browser begins. */
const EDGE = 20;
/** What takes a finger's way for itself: text is marked by it, sliders move. */
const OWN = 'input, textarea, select, [contenteditable], [data-own-swipe]';

interface Point {
	x: number;
	y: number;
}

/** Whether a finger that came from there went back: far to the side where the text begins, and hardly up or down. */
export function wentBack(from: Point, to: Point, rightToLeft = false): boolean {
	const along = (to.x - from.x) * (rightToLeft ? -1 : 1);
	return along >= FAR && Math.abs(to.y - from.y) <= along / 2;
}

export interface Swipe {
	onTouchStart(event: TouchEvent<HTMLElement>): void;
	onTouchEnd(event: TouchEvent<HTMLElement>): void;
	onTouchCancel(): void;
}

/** One finger from left to right goes back. */
export function useSwipeBack(back: () => void, enabled: boolean): Swipe | undefined {
	const from = useRef<Point | null>(null);
	if (!enabled) return undefined;
	return {
		onTouchStart(event) {
			const touch = event.touches.length === 1 ? event.touches[0] : undefined;
			const target = event.target instanceof Element ? event.target : null;
			const own = target?.closest(OWN) ?? null;
			const starts = touch && own === null && touch.clientX >= EDGE;
			from.current = starts ? { x: touch.clientX, y: touch.clientY } : null;
		},
		onTouchEnd(event) {
			const touch = event.changedTouches[0];
			const start = from.current;
			from.current = null;
			if (!start || !touch || event.touches.length > 0) return;
			// a text is being marked: the finger has moved its handle
			if (!(document.getSelection()?.isCollapsed ?? true)) return;
			const rightToLeft = getComputedStyle(event.currentTarget).direction === 'rtl';
			if (wentBack(start, { x: touch.clientX, y: touch.clientY }, rightToLeft)) back();
		},
		onTouchCancel() {
			from.current = null;
		},
	};
}
