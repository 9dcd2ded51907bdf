/** When a worker that ended is started again, and when that is given up. */

/** Ends in so many milliseconds count together. */
const WINDOW = 60_000;
/** So many ends in that time are too many. */
const TOO_MANY = 5;
/** Signs of life that may be missed. */
const MISSED = 6;

/** Decides; knows no worker and no clock. */
export class Supervisor {
	#ends: number[] = [];
	#missed = 0;

	/** A worker ended by itself at that time (ms): how long to wait before the next, or null to give up. */
	ended(now: number): number | null {
		this.#ends = [...this.#ends.filter((at) => now - at < WINDOW), now];
		this.#missed = 0;
		if (this.#ends.length >= TOO_MANY) return null;
		return this.#ends.length === 1 ? 0 : 250 * 2 ** this.#ends.length;
	}

	/** It gave a sign of life. */
	heard(): void {
		this.#missed = 0;
	}

	/** Another sign of life is asked for: whether it is taken for dead, because none came after many. */
	asks(): boolean {
		this.#missed += 1;
		return this.#missed > MISSED;
	}
}
