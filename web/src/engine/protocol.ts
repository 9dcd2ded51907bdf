/**
 * What tabs and the worker say to each other. One tab holds the worker; the others reach it over broadcast channels.
 */
import type { Command, Engine, Health, OpenOptions, Update } from './contract';

/** Grows when these messages change: tabs of different builds do not talk. */
export const PROTOCOL = 1;

/** Held by the tab that runs the worker. */
export const LEADER_LOCK = 'chatalk-leader';
/** Held by the worker that has the store. It is free only when that worker is really gone. */
export const STORE_LOCK = 'chatalk-store';
/** From tabs to the worker. */
export const UP = 'chatalk-up';
/** From the worker to tabs. */
export const DOWN = 'chatalk-down';

export type TabId = string;

/** Questions to the engine, by the name of its method. */
export type Question = Exclude<keyof Engine, 'command' | 'subscribe' | 'onHealth'>;
/** To be open again with the next worker: as it is by then, where another tab, or this one, was faster with another wish. */
export interface Reopen extends OpenOptions {
	again: true;
}
export type Asked<Q extends Question> = Parameters<Engine[Q]>;
export type Answer<Q extends Question> = Awaited<ReturnType<Engine[Q]>>;

export type ToWorker =
	/** Who is there? Answered by `ready`. */
	| { t: 'hello'; v: number; tab: TabId }
	/** May be asked again of the next worker: asking twice does no harm. */
	| { t: 'ask'; v: number; tab: TabId; id: number; question: Question; asked: unknown[] }
	/** `id` is 32 hexadecimal digits, at random: the same command sent again runs once. */
	| { t: 'command'; v: number; tab: TabId; id: string; command: Command }
	/** Answered by `pong`; what is kept is looked at, too. */
	| { t: 'ping' };

export type FromWorker =
	/** A worker is there; `run` is another for each. */
	| { t: 'ready'; v: number; run: string }
	| { t: 'answer'; tab: TabId; id: number; ok: true; answer: unknown }
	| { t: 'answer'; tab: TabId; id: number; ok: false; error: string }
	/** The engine has taken the command, and kept it if it is to be kept. */
	| { t: 'taken'; tab: TabId; id: string }
	/** For every tab, or for the one that asked for it. */
	| { t: 'update'; tab: TabId | null; update: Update }
	| { t: 'health'; health: Health }
	| { t: 'pong' }
	/** To the tab that holds the worker: end it and start another. */
	| { t: 'end'; why: 'wiped' | 'crashed' | 'asked' };

/** The first message to a worker: who holds it. */
export interface Init {
	t: 'init';
	tab: TabId;
}

/** Beside it: the engine's code, as the tab compiled it; null where the worker is to do that. */
export interface CoreModule {
	t: 'core';
	core: WebAssembly.Module | null;
}

/** Random, as hexadecimal digits. */
export function randomId(): string {
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
