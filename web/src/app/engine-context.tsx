import { createContext, type ReactNode, useContext } from 'react';
import { useStore } from 'zustand';
import type { Engine } from '../engine/contract';
import type { AppState, AppStore } from './store';

interface Provided {
	engine: Engine;
	store: AppStore;
}

const EngineContext = createContext<Provided | null>(null);

/** Gives everything below it the engine and the view model that listens to it. */
export function EngineProvider({ engine, store, children }: Provided & { children: ReactNode }) {
	return <EngineContext value={{ engine, store }}>{children}</EngineContext>;
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
