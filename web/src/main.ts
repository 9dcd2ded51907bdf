/**
 * What begins while the app's own code is still being loaded. Where somebody is signed in, the engine opens their store meanwhile. Where
 * nobody is, the sign-in that stands in the page is shown first: it can be filled in while app and engine come.
 */
import { takeArrival } from './app/arrival';
import { endFirstSight, showFirstSight } from './app/first-sight';
import { type Catalogue, readCatalogue } from './app/language';
import { applyTheme, firstLanguage, rememberedHere, rememberedLook } from './app/theme';
import { createEngine } from './engine';

const HOME: readonly Catalogue[] = ['home', 'timeline', 'errors'];
const ENTRY: readonly Catalogue[] = ['entry', 'errors'];

/** What most of the app's code is built on. */
const PARTS = [() => import('react-dom/client'), () => import('./ui/text-field/TextField')];

begin().catch((error) => {
	endFirstSight();
	throw error;
});

async function begin(): Promise<void> {
	const look = rememberedLook();
	applyTheme(look.theme);
	const arrival = takeArrival(window.location, window.history);
	const here = rememberedHere();
	const language = firstLanguage();
	if (!here && isSignIn()) showFirstSight(language);
	let seen = () => {};
	const drawn = new Promise<void>((resolve) => {
		seen = resolve;
	});
	const { engine, placed } = createEngine(here ? undefined : drawn);
	// everything else takes the tab's whole time for a while
	if (here) await placed;
	const catalogues = here ? HOME : ENTRY;
	for (const name of ['common', ...catalogues]) void readCatalogue(language, name);
	screen(here)?.catch(() => {
		// the router asks for it again, and says so if it does not come
	});
	// one after the other, or nobody could type into the first sight for a while
	for (const part of here ? [] : PARTS) {
		await part();
		await new Promise((resolve) => setTimeout(resolve));
	}
	const { start } = await import('./app/start');
	await start({ engine, look, arrival, catalogues, seen });
}

/** The screen that is likely to be the first one. */
function screen(here: boolean): Promise<unknown> | undefined {
	if (here) return import('./features/home/Home');
	switch (window.location.pathname) {
		case '/i':
			return import('./features/register/Register');
		case '/start':
			return import('./features/first-run/FirstRun');
	}
	if (isSignIn()) return import('./features/sign-in/SignIn');
}

/** Where somebody who is not signed in comes to the sign-in. */
function isSignIn(): boolean {
	return window.location.pathname === '/' || window.location.pathname === '/sign-in';
}
