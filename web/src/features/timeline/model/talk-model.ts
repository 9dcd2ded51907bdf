/** What one open conversation shows, and what is done in it. */

import { createStore, type StoreApi } from 'zustand/vanilla';
import { type Conversation, type Engine, isStoreFailure, type Update } from '../../../engine/contract';
import { type Arrival, Arrivals } from './arrivals';
import { Reading } from './reading';
import { type Row, rowsOf } from './rows';
import { dayOf } from './times';
import { Unsent } from './unsent';
import { TimelineWindow, type WindowSizes, type WindowState } from './window';

export interface TalkState {
	window: WindowState;
	rows: Row[];
	/** The "new messages" line stands after this; null: none. */
	newAfter: number | null;
	/** The line has been on the screen, or there is none. */
	newSeen: boolean;
	/** The newest message is in sight. */
	atEnd: boolean;
	/** What arrived, to be read aloud; another object each time. */
	arrival: Arrival | null;
	/** Words that could not be sent, to be written on, until they are taken. */
	returned: { text: string } | null;
	/** Long messages that were opened. */
	opened: ReadonlySet<string>;
}

/** What the view sees at the moment. */
export interface Sight {
	/** Keys and positions of the rows in sight. */
	firstIndex: number;
	lastIndex: number;
	/** The last row is in sight to its end. */
	atEnd: boolean;
}

/** Rows from an end of the window at which more is loaded. */
const near = 40;

export type TalkModel = ReturnType<typeof createTalkModel>;

/** Opens a conversation: at what is new, else at the end. */
export function createTalkModel(
	engine: Pick<Engine, 'timeline' | 'command' | 'subscribe'>,
	first: Conversation,
	sizes?: WindowSizes,
) {
	const id = first.conversation;
	const window = new TimelineWindow(engine, id, sizes);
	const reading = new Reading(engine, id, first.read);
	const arrivals = new Arrivals();
	const unsent = new Unsent();
	let conversation = first;
	let watching = false;
	let jump = 0;

	const store: StoreApi<TalkState> = createStore<TalkState>(() => ({
		window: window.state(),
		rows: [],
		newAfter: first.unread > 0 ? first.read : null,
		newSeen: first.unread === 0,
		atEnd: false,
		arrival: null,
		returned: null,
		opened: new Set(),
	}));

	function rows(state: WindowState, newAfter: number | null): Row[] {
		return rowsOf(state.items, { newAfter, older: state.older, dayOf });
	}

	function onWindow(): void {
		const state = window.state();
		const jumped = state.jump !== jump;
		jump = state.jump;
		unsent.shown(state.items);
		const { newAfter, window: before, rows: old, arrival: said } = store.getState();
		const changed = state.items !== before.items || state.older !== before.older;
		const arrival = state.jump === 0 ? null : arrivals.next(state.items, state.newer, jumped);
		store.setState({
			window: state,
			rows: changed || jumped ? rows(state, newAfter) : old,
			arrival: arrival ?? said,
		});
		loadToShow();
	}

	/** Where nothing of what is here is shown, there is nothing to scroll, which would ask for more. */
	function loadToShow(): void {
		const { rows: shown, window: state } = store.getState();
		if (shown.length === 0 && !state.olderFailed) window.loadOlder();
	}

	function setNewAfter(newAfter: number | null): void {
		if (store.getState().newAfter === newAfter) return;
		store.setState({ newAfter, newSeen: newAfter === null, rows: rows(window.state(), newAfter) });
	}

	function onUpdate(update: Update): void {
		if (update.is === 'timeline' && update.conversation === id) window.refresh();
		if (update.is === 'failed' && update.doing === 'loadOlder') window.olderFailed();
		if (update.is === 'failed' && (update.doing === 'sendText' || isStoreFailure(update.failure))) {
			const text = unsent.refused();
			if (text !== null) store.setState({ returned: { text } });
		}
		const back = update.is === 'connection' && update.connection.is === 'online';
		if (back && window.state().olderFailed) window.loadOlder();
	}

	/** Asks for more where the view comes near an end of what is here. */
	function loadNear({ firstIndex, lastIndex }: Sight): void {
		const { rows: shown, window: state } = store.getState();
		// after a failure the person asks again, not the scrolling
		if (firstIndex < near && state.older && !state.olderFailed) window.loadOlder();
		else if (lastIndex > shown.length - near && state.newer) window.loadNewer();
	}

	function lastSeqInSight({ lastIndex }: Sight): number {
		const { rows: shown } = store.getState();
		for (let index = Math.min(lastIndex, shown.length - 1); index >= 0; index -= 1) {
			const row = shown[index];
			if (row !== undefined && 'item' in row && row.item.seq !== null) return row.item.seq;
		}
		return 0;
	}

	return Object.assign(store, {
		/** Begins to listen; returns how to stop. */
		start(): () => void {
			const offWindow = window.subscribe(onWindow);
			const offEngine = engine.subscribe(onUpdate);
			engine.command({ do: 'lookAt', conversation: id });
			if (first.unread > 0) window.openAt(first.read + 1);
			else window.openNewest();
			return () => {
				offWindow();
				offEngine();
				engine.command({ do: 'lookAt', conversation: null });
			};
		},
		/** The list tells something new about this conversation. */
		conversationChanged(now: Conversation): void {
			const { unread: before, read } = conversation;
			conversation = now;
			reading.readElsewhere(now.read);
			const looking = watching && store.getState().atEnd;
			if (before === 0 && now.unread > 0 && !looking) setNewAfter(read);
		},
		/** Whether somebody can look at it: the window visible and in front, the pane in sight. */
		watching(now: boolean): void {
			watching = now;
			reading.watching(now);
		},
		/** What is in sight has changed. */
		sees(sight: Sight): void {
			const { rows: shown, newSeen, atEnd } = store.getState();
			const line = newSeen ? -1 : shown.findIndex((row) => row.is === 'new');
			const seen = line >= sight.firstIndex && line <= sight.lastIndex;
			if (seen || atEnd !== sight.atEnd) {
				store.setState({ newSeen: newSeen || seen, atEnd: sight.atEnd });
			}
			window.look(sight.lastIndex > shown.length - near);
			reading.seen(lastSeqInSight(sight));
			loadNear(sight);
		},
		jumpToLatest(): void {
			window.openNewest();
		},
		jumpToNew(): void {
			const { newAfter } = store.getState();
			if (newAfter !== null) window.openAt(newAfter + 1);
		},
		retryOlder(): void {
			window.loadOlder();
		},
		/** Takes the words that could not be sent, once: whoever draws the field anew must not get them again. */
		takeReturned(): string | null {
			const text = store.getState().returned?.text ?? null;
			if (text !== null) store.setState({ returned: null });
			return text;
		},
		/** Shows the whole of a long message. */
		open(key: string): void {
			store.setState({ opened: new Set([...store.getState().opened, key]) });
		},
		send(text: string): void {
			unsent.sent(text, window.state().items);
			engine.command({ do: 'sendText', conversation: id, text });
			setNewAfter(null);
			if (!store.getState().atEnd || window.state().newer) window.openNewest();
		},
		/** Ends when what was asked is done. */
		idle: () => window.idle(),
	});
}
