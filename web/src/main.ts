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

const look = rememberedLook();
applyTheme(look.theme);
const arrival = takeArrival(window.location, window.history);
const here = rememberedHere();

let seen = () => {};
const { engine, placed } = createEngine(
	here
		? undefined
		: new Promise<void>((resolve) => {
				seen = resolve;
			}),
);

// everything else takes the tab's whole time for a while
if (here) await placed;
const catalogues = here ? HOME : ENTRY;
for (const name of ['common', ...catalogues]) void readCatalogue(firstLanguage(), name);
void import('./app/start').then(({ start }) => start({ engine, look, arrival, catalogues, seen }));
screen()?.catch(() => {
	// the router asks for it again, and says so if it does not come
});

/** The screen that is likely to be the first one. */
function screen(): Promise<unknown> | undefined {
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
