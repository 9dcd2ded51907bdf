import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import type { Conversation, Engine } from '../engine/contract';
import { createPictures, type Pictures } from './pictures';
import type { AppState, AppStore } from './store';

interface Given {
	engine: Engine;
	store: AppStore;
}

interface Provided extends Given {
	pictures: Pictures;
}

const EngineContext = createContext<Provided | null>(null);

/** Gives everything below it the engine and the view model that listens to it. */
export function EngineProvider({ engine, store, children }: Given & { children: ReactNode }) {
	const [pictures] = useState(() => createPictures(engine));
	const provided = useMemo(() => ({ engine, store, pictures }), [engine, store, pictures]);
	useEffect(
		() =>
			engine.subscribe((update) => {
				if (update.is === 'wiped') pictures.clear();
			}),
		[engine, pictures],
	);
	// nothing of the person is left behind the app lock
	useEffect(
		() =>
			engine.onHealth((health) => {
				if (health.is === 'locked') pictures.clear();
			}),
		[engine, pictures],
	);
	useEffect(() => () => pictures.clear(), [pictures]);
	return <EngineContext value={provided}>{children}</EngineContext>;
}

function useProvided(): Provided {
	const provided = useContext(EngineContext);
	if (!provided) throw new Error('used outside of EngineProvider');
	return provided;
}

/** The engine, for questions (timeline, safety number…). What changes things goes through {@link useAppStore}'s `perform`. */
export function useEngine(): Engine {
	return useProvided().engine;
}

/** The view model itself, for callbacks. */
export function useAppStore(): AppStore {
	return useProvided().store;
}

/** A part of the view model; the component is drawn again when that part changes. */
export function useApp<T>(select: (state: AppState) => T): T {
	return useStore(useProvided().store, select);
}

/** The address of a group's picture; null: it has none, or it is not here yet. */
export function usePicture({
	conversation,
	group,
}: Pick<Conversation, 'conversation' | 'group'>): string | null {
	const { pictures } = useProvided();
	const name = group?.picture ?? null;
	useEffect(() => {
		if (name !== null) void pictures.want(conversation, name);
	}, [pictures, conversation, name]);
	return useStore(pictures, (all) => (name === null ? null : (all.get(name) ?? null)));
}
