import { fireEvent, render, screen } from '@testing-library/react';
import { createPortal } from 'react-dom';
import { expect, it, vi } from 'vitest';
import { useSwipeBack, wentBack } from './use-swipe-back';

it('is a way far to the side and hardly up or down', () => {
	const from = { x: 100, y: 300 };
	expect(wentBack(from, { x: 200, y: 320 })).toBe(true);
	expect(wentBack(from, { x: 150, y: 300 })).toBe(false);
	expect(wentBack(from, { x: 200, y: 380 })).toBe(false);
	expect(wentBack(from, { x: 10, y: 300 })).toBe(false);
	expect(wentBack(from, { x: 10, y: 300 }, true)).toBe(true);
});

function Pane({ back, enabled = true }: { back: () => void; enabled?: boolean }) {
	return (
		<main {...useSwipeBack(back, enabled)}>
			<p>words</p>
			<textarea aria-label="field" />
			{createPortal(<p>in front</p>, document.body)}
		</main>
	);
}

function swipe(on: Element, from: number, to: number, fingers = 1): void {
	const touches = Array.from({ length: fingers }, (_, n) => ({ clientX: from, clientY: 300 + n }));
	fireEvent.touchStart(on, { touches });
	fireEvent.touchEnd(on, { touches: [], changedTouches: [{ clientX: to, clientY: 305 }] });
}

it('goes back by one finger over what is read', () => {
	const back = vi.fn();
	render(<Pane back={back} />);
	swipe(screen.getByText('words'), 100, 220);
	expect(back).toHaveBeenCalledOnce();
});

it('leaves alone what is not meant so', () => {
	const back = vi.fn();
	const { rerender } = render(<Pane back={back} />);
	swipe(screen.getByLabelText('field'), 100, 220);
	swipe(screen.getByText('in front'), 100, 220);
	swipe(screen.getByText('words'), 5, 220);
	swipe(screen.getByText('words'), 100, 220, 2);
	swipe(screen.getByText('words'), 100, 120);
	rerender(<Pane back={back} enabled={false} />);
	swipe(screen.getByText('words'), 100, 220);
	expect(back).not.toHaveBeenCalled();
});
