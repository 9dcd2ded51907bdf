import { type TouchEvent, useRef } from 'react';

/** A finger that has moved so far (px) means it. */
const FAR = 64;
/** A finger that takes longer (ms) moves something. */
const QUICK = 600;
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

/** With two fingers, so that one finger moves what is seen. */
function isEnlarged(): boolean {
	return (window.visualViewport?.scale ?? 1) > 1;
}

/** One finger from left to right goes back. */
export function useSwipeBack(back: () => void, enabled: boolean): Swipe | undefined {
	const from = useRef<(Point & { at: number }) | null>(null);
	if (!enabled) return undefined;
	return {
		onTouchStart(event) {
			const touch = event.touches.length === 1 ? event.touches[0] : undefined;
			const target = event.target instanceof Element ? event.target : null;
			// what stands in front of the page is within it for React, and is none of ours
			const ours = target !== null && event.currentTarget.contains(target) && target.closest(OWN) === null;
			const starts = touch && ours && touch.clientX >= EDGE && !isEnlarged();
			from.current = starts ? { x: touch.clientX, y: touch.clientY, at: event.timeStamp } : null;
		},
		onTouchEnd(event) {
			const touch = event.changedTouches[0];
			const start = from.current;
			from.current = null;
			if (!start || !touch || event.touches.length > 0 || isEnlarged()) return;
			if (event.timeStamp - start.at > QUICK) return;
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
