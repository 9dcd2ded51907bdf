/** Messages that the engine was given and refused: their words must not be lost. */

import type { Item } from '../../../engine/contract';

interface Given {
	text: string;
	/** Own messages that were there before, which may say the same. */
	before: ReadonlySet<string>;
}

/** Follows what was sent until it stands in the timeline. */
export class Unsent {
	#given: Given[] = [];

	/** A message is sent. */
	sent(text: string, items: readonly Item[]): void {
		const own = items.filter((item) => item.own).map((item) => item.key);
		this.#given.push({ text: text.trim(), before: new Set(own) });
	}

	/** The timeline changed: what stands in it is kept. */
	shown(items: readonly Item[]): void {
		if (this.#given.length === 0) return;
		const taken = new Set<string>();
		this.#given = this.#given.filter(({ text, before }) => {
			const found = items.find(
				({ key, own, body }) =>
					own && body.is === 'text' && body.text.trim() === text && !before.has(key) && !taken.has(key),
			);
			if (found) taken.add(found.key);
			return !found;
		});
	}

	/** The engine took nothing: gives back what does not stand in the timeline; null: nothing. */
	refused(): string | null {
		const texts = this.#given.map(({ text }) => text);
		this.#given = [];
		return texts.length > 0 ? texts.join('\n') : null;
	}
}
