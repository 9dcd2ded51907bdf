import '@fontsource-variable/inter/index.css';
import './ui/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { addressHistory } from './app/address';
import { takeArrival } from './app/arrival';
import { startI18n } from './app/i18n';
import { makeRouter } from './app/router';
import { createAppStore } from './app/store';
import { applyTheme, firstLanguage, rememberedHere, rememberedLook } from './app/theme';
import { createEngine } from './engine';

async function start(): Promise<void> {
	const look = rememberedLook();
	applyTheme(look.theme);
	const arrival = takeArrival(window.location, window.history);
	// the worker starts first: it loads the core while the page is drawn
	const engine = createEngine();
	const store = createAppStore(engine, { look, arrival });
	void store.actions.open();
	// screen and words come together
	const router = makeRouter(addressHistory(() => store.getState().storage.why === 'public'));
	void router.load();
	await startI18n(firstLanguage(), rememberedHere() ? 'home' : 'entry');
	const root = document.getElementById('root');
	if (!root) throw new Error('the page is incomplete');
	createRoot(root).render(
		<StrictMode>
			<App engine={engine} store={store} router={router} />
		</StrictMode>,
	);
}

void start();
