/** Keeps what is being written. */

import type { Engine, Id } from '../../../engine/contract';
import { bytesOf, draftBytesMax } from './limit';

/** A draft is saved when the writer pauses, and at the latest after so long. */
export const pauseMs = 600;
export const latestMs = 5000;
const underwayMax = 16;

/** Time as this needs it, so that tests choose it. */
export interface Timers {
	now(): number;
	/** Returns how to call it off. */
	after(ms: number, run: () => void): () => void;
}

export const machineTimers: Timers = {
	now: () => performance.now(),
	after(ms, run) {
		const id = setTimeout(run, ms);
		return () => clearTimeout(id);
	},
};

/** The draft of one conversation. */
export class Draft {
	/** null: not even an empty one, as far as is known. */
	#saved: string | null;
	#text: string;
	#cancel: (() => void) | null = null;
	#since: number | null = null;
	/** Saved by this view and not yet heard of again. */
	#underway: string[] = [];

	constructor(
		private readonly engine: Pick<Engine, 'command'>,
		private readonly conversation: Id,
		saved: string,
		private readonly timers: Timers = machineTimers,
	) {
		this.#saved = saved;
		this.#text = saved;
	}

	get text(): string {
		return this.#text;
	}

	/** Somebody writes. */
	write(text: string): void {
		this.#text = text;
		this.#cancel?.();
		const now = this.timers.now();
		this.#since ??= now;
		const wait = Math.max(0, Math.min(pauseMs, this.#since + latestMs - now));
		this.#cancel = this.timers.after(wait, () => this.save());
	}

	/** Saves what is not saved: when the conversation is left, or the page goes. */
	save(): void {
		this.#cancel?.();
		this.#cancel = null;
		this.#since = null;
		if (this.#text === this.#saved || bytesOf(this.#text) > draftBytesMax) return;
		this.#saved = this.#text;
		this.#underway = [...this.#underway.slice(1 - underwayMax), this.#text];
		this.engine.command({ do: 'saveDraft', conversation: this.conversation, text: this.#text });
	}

	/** The engine could not keep it: it is not saved, and what is kept must not take its place. */
	refused(): void {
		if (this.#underway.length === 0) return;
		this.#underway = [];
		this.#saved = null;
	}

	/**
	 * What is kept changed, here or on another device. Taken when nothing is being written here; returns whether it was.
	 */
	kept(text: string): boolean {
		const echo = this.#underway.indexOf(text);
		if (echo >= 0) {
			this.#underway = this.#underway.slice(echo + 1);
			return false;
		}
		const untouched = this.#text === this.#saved;
		this.#saved = text;
		if (!untouched || text === this.#text) return false;
		this.#text = text;
		return true;
	}
}
