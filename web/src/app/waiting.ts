import type { Doing, Failure } from '../engine/contract';

/** How a command ended. */
export type Outcome = { ok: true } | { ok: false; failure: Failure };

/** Who waits for the end of which command. */
export class Waiting {
	readonly #all = new Map<Doing, ((outcome: Outcome) => void)[]>();

	begin(doing: Doing): Promise<Outcome> {
		return new Promise((resolve) => {
			this.#all.set(doing, [...(this.#all.get(doing) ?? []), resolve]);
		});
	}

	/** Ends the waiting; whether anybody waited. */
	end(doing: Doing, outcome: Outcome): boolean {
		const all = this.#all.get(doing) ?? [];
		this.#all.delete(doing);
		for (const resolve of all) resolve(outcome);
		return all.length > 0;
	}
}
