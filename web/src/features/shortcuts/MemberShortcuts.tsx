import { lazy, Suspense, useEffect } from 'react';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { useShortcuts } from './use-shortcuts';

// only once somebody asks for one
const GoTo = lazy(async () => ({ default: (await import('./GoTo')).GoTo }));
const ShortcutsHelp = lazy(async () => ({ default: (await import('./ShortcutsHelp')).ShortcutsHelp }));

const EVERYWHERE = ['goTo', 'help'] as const;
type Dialog = (typeof EVERYWHERE)[number];

const shown = createStore<{ dialog: Dialog | null }>(() => ({ dialog: null }));
const close = () => shown.setState({ dialog: null });

/** Opens what a shortcut opens, for those who look for it in a menu. */
export function showShortcuts(dialog: Dialog): void {
	shown.setState({ dialog });
}

/** The shortcuts of all screens that need somebody signed in, and what they open. */
export function MemberShortcuts() {
	const dialog = useStore(shown, (state) => state.dialog);
	useShortcuts(EVERYWHERE, showShortcuts);
	useEffect(() => close, []);
	return (
		<Suspense>
			{dialog === 'goTo' && <GoTo onClose={close} />}
			{dialog === 'help' && <ShortcutsHelp onClose={close} />}
		</Suspense>
	);
}
