import { useEffect, useRef } from 'react';
import { onMac, type Shortcut, shortcutOf, takesText } from './keys';

/** Listens for shortcuts while the screen is shown; a dialog in front of it keeps its keys to itself. */
export function useShortcuts(act: (shortcut: Shortcut) => void): void {
	const current = useRef(act);
	useEffect(() => {
		current.current = act;
	});
	useEffect(() => {
		const mac = onMac();
		const listen = (event: KeyboardEvent) => {
			if (event.defaultPrevented || event.isComposing || inFront()) return;
			const typing = takesText(document.activeElement);
			const shortcut = shortcutOf(event, { typing, mac });
			if (shortcut === null) return;
			event.preventDefault();
			current.current(shortcut);
		};
		window.addEventListener('keydown', listen);
		return () => window.removeEventListener('keydown', listen);
	}, []);
}

function inFront(): boolean {
	return document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]') !== null;
}
