import { createStore } from 'zustand/vanilla';

export interface Toast {
	id: number;
	text: string;
}

/** More than these at once nobody reads; the oldest goes. */
const MOST = 3;
/** How long one stays, in milliseconds. */
const STAYS = 6_000;

let next = 1;

/** The short messages that are on the screen. */
export const toasts = createStore<{ shown: Toast[] }>(() => ({ shown: [] }));

/** Shows a short message; read aloud, gone after some seconds. For what needs an answer use a dialog or a banner. */
export function toast(text: string): void {
	const id = next++;
	toasts.setState(({ shown }) => ({ shown: [...shown, { id, text }].slice(-MOST) }));
	setTimeout(() => dismissToast(id), STAYS);
}

export function dismissToast(id: number): void {
	toasts.setState(({ shown }) => ({ shown: shown.filter((one) => one.id !== id) }));
}
