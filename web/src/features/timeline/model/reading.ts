/** What counts as read: what stood on the screen while somebody could look at it. */

import type { Engine, Id } from '../../../engine/contract';

/** One conversation's read mark, as this view moves it. */
export class Reading {
	#read: number;
	#seen = 0;
	#watching = false;

	constructor(
		private readonly engine: Pick<Engine, 'command'>,
		private readonly conversation: Id,
		read: number,
	) {
		this.#read = read;
	}

	/** Whether the window is visible and has the focus. */
	watching(watching: boolean): void {
		this.#watching = watching;
		this.#tell();
	}

	/** The last message that is on the screen. */
	seen(seq: number): void {
		this.#seen = seq;
		this.#tell();
	}

	/** Another device read further. */
	readElsewhere(read: number): void {
		this.#read = Math.max(this.#read, read);
	}

	#tell(): void {
		if (!this.#watching || this.#seen <= this.#read) return;
		this.#read = this.#seen;
		this.engine.command({ do: 'markRead', conversation: this.conversation, seq: this.#seen });
	}
}
