import { useEffect, useRef } from 'react';
import { onMac, type Shortcut, shortcutOf, takesText } from './keys';

/** Listens for these shortcuts while the screen is shown; a dialog in front of it keeps its keys to itself. */
export function useShortcuts<T extends Shortcut>(which: readonly T[], act: (shortcut: T) => void): void {
	const current = useRef({ which, act });
	useEffect(() => {
		current.current = { which, act };
	});
	useEffect(() => {
		const mac = onMac();
		const listen = (event: KeyboardEvent) => {
			if (event.defaultPrevented || event.isComposing || inFront()) return;
			const typing = takesText(document.activeElement);
			const shortcut = shortcutOf(event, { typing, mac });
			const mine = current.current.which.find((one) => one === shortcut);
			if (mine === undefined) return;
			event.preventDefault();
			current.current.act(mine);
		};
		window.addEventListener('keydown', listen);
		return () => window.removeEventListener('keydown', listen);
	}, []);
}

function inFront(): boolean {
	return document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]') !== null;
}
