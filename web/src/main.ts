/**
 * What begins while the app's own code is still being loaded. Where somebody is signed in, the engine opens their store meanwhile. Where
 * nobody is, the sign-in is drawn first: it can be filled in while the engine comes.
 */
import { takeArrival } from './app/arrival';
import { type Catalogue, readCatalogue } from './app/language';
import { applyTheme, firstLanguage, rememberedHere, rememberedLook } from './app/theme';
import { createEngine } from './engine';

const HOME: readonly Catalogue[] = ['home', 'timeline', 'errors'];
const ENTRY: readonly Catalogue[] = ['entry', 'errors'];

void begin();

async function begin(): Promise<void> {
	const look = rememberedLook();
	applyTheme(look.theme);
	const arrival = takeArrival(window.location, window.history);
	const here = rememberedHere();
	let seen = () => {};
	const drawn = new Promise<void>((resolve) => {
		seen = resolve;
	});
	const { engine, placed } = createEngine(here ? undefined : drawn);
	// everything else takes the tab's whole time for a while
	if (here) await placed;
	const catalogues = here ? HOME : ENTRY;
	for (const name of ['common', ...catalogues]) void readCatalogue(firstLanguage(), name);
	screen(here)?.catch(() => {
		// the router asks for it again, and says so if it does not come
	});
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
		case '/':
		case '/sign-in':
			return import('./features/sign-in/SignIn');
	}
}
