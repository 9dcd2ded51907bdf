import { lazyRouteComponent } from '@tanstack/react-router';
import i18next from 'i18next';
import type { Catalogue } from './language';

/**
 * A screen that is loaded when somebody goes there, with the words it speaks: so that the one before it stays until there is something
 * to see. A screen whose words come later is nothing at all meanwhile, to the eye as to a screen reader.
 */
export function screen<Module extends Record<string, unknown>, Name extends keyof Module & string>(
	read: () => Promise<Module>,
	name: Name,
	...catalogues: readonly Catalogue[]
) {
	return lazyRouteComponent(async () => {
		const [part] = await Promise.all([read(), words(catalogues)]);
		return part;
	}, name);
}

/** The first screen is asked for before there is a language. */
async function words(catalogues: readonly Catalogue[]): Promise<void> {
	if (!i18next.isInitialized) await new Promise((resolve) => i18next.on('initialized', resolve));
	await i18next.loadNamespaces([...catalogues]);
}
