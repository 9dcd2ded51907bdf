/** Pictures of groups, as addresses that an `<img>` takes. They are asked of the engine when they are first seen, and kept by their names. */

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Engine, Id } from '../engine/contract';

/** So many are kept; of more, those that came first go. */
const most = 300;

/** What a browser does with addresses of blobs. */
export interface Addresses {
	make(blob: Blob): string;
	revoke(url: string): void;
}

const inBrowser: Addresses = {
	make: (blob) => URL.createObjectURL(blob),
	revoke: (url) => URL.revokeObjectURL(url),
};

/** Addresses by the names of pictures. */
export interface Pictures extends StoreApi<ReadonlyMap<string, string>> {
	/** Sees to it that the picture of a group is there: the one of that name, no other. */
	want(conversation: Id, name: string): Promise<void>;
	/** Nothing of them is left. */
	clear(): void;
}

export function createPictures(engine: Pick<Engine, 'picture'>, addresses: Addresses = inBrowser): Pictures {
	const store = createStore<ReadonlyMap<string, string>>(() => new Map());
	const asked = new Set<string>();
	/** What was asked before everything was forgotten comes too late. */
	let life = 0;

	function keep(name: string, jpeg: Uint8Array): void {
		const all = new Map(store.getState());
		// a copy: what came may be a part of something larger
		all.set(name, addresses.make(new Blob([jpeg.slice()], { type: 'image/jpeg' })));
		for (const [first, url] of all) {
			if (all.size <= most) break;
			addresses.revoke(url);
			all.delete(first);
		}
		store.setState(all, true);
	}

	return Object.assign(store, {
		async want(conversation: Id, name: string) {
			if (store.getState().has(name) || asked.has(name)) return;
			const mine = life;
			asked.add(name);
			// where the engine ends meanwhile the letters stay, and it is asked again when it is next seen
			const jpeg = await engine.picture(conversation, name).catch(() => null);
			if (mine !== life) return;
			asked.delete(name);
			if (jpeg) keep(name, jpeg);
		},
		clear() {
			life += 1;
			asked.clear();
			for (const url of store.getState().values()) addresses.revoke(url);
			store.setState(new Map(), true);
		},
	});
}
