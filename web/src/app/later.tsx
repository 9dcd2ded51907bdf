import i18next from 'i18next';
import { type ComponentType, lazy, type ReactNode, useEffect, useState } from 'react';
import type { Catalogue } from './language';

/** What is drawn first has so long before anything else is loaded. */
const firstMs = 2000;

/** A part of the app that is not loaded with the rest. */
export interface Later<P> {
	(props: P): ReactNode;
	/** Loads it before it is needed. */
	load(): Promise<unknown>;
}

/**
 * A part that nobody sees first, with the words it speaks: loaded when it is needed, and drawn at once where it was loaded before.
 * `lazy` alone would not: React waits a third of a second before it shows what it had to wait for. Needs a `Suspense` around it.
 */
export function later<P extends object>(
	read: () => Promise<ComponentType<P>>,
	catalogues: readonly Catalogue[],
): Later<P> {
	let there: ComponentType<P> | null = null;
	async function load() {
		const [part] = await Promise.all([read(), i18next.loadNamespaces([...catalogues])]);
		there = part;
		return { default: part };
	}
	const Coming: ComponentType<P> = lazy(load);
	// biome-ignore lint/correctness/noComponentHookFactories: called once for each part, by a module
	function Part(props: P) {
		// another component in its place would begin anew
		const [Shown] = useState<ComponentType<P>>(() => there ?? Coming);
		return <Shown {...props} />;
	}
	return Object.assign(Part, { load });
}

/** Loads parts that are likely to be asked for, while this screen is shown and after it is drawn. */
export function useSoon(parts: readonly Pick<Later<never>, 'load'>[]): void {
	useEffect(() => {
		const timer = setTimeout(() => {
			// whatever does not come now comes when it is needed
			for (const part of parts) part.load().catch(() => undefined);
		}, firstMs);
		return () => clearTimeout(timer);
	}, [parts]);
}
