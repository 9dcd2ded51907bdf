import '@fontsource-variable/inter/index.css';
import './ui/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { takeArrival } from './app/arrival';
import { startI18n } from './app/i18n';
import { makeRouter } from './app/router';
import { createAppStore } from './app/store';
import { applyTheme, firstLanguage, rememberedLook } from './app/theme';
import type { Engine } from './engine/contract';

/** The engine's side, a chunk of its own: `src/engine/index.ts` exports `createEngine(): Engine`. */
const engines = import.meta.glob<{ createEngine: () => Engine }>('./engine/index.ts');

async function start(): Promise<void> {
	const look = rememberedLook();
	applyTheme(look.theme);
	const arrival = takeArrival(window.location, window.history);
	const [module] = await Promise.all([engines['./engine/index.ts']?.(), startI18n(firstLanguage())]);
	const root = document.getElementById('root');
	if (!root || !module) throw new Error('the page is incomplete');
	const engine = module.createEngine();
	const store = createAppStore(engine, { look, arrival });
	void store.actions.open();
	createRoot(root).render(
		<StrictMode>
			<App engine={engine} store={store} router={makeRouter()} />
		</StrictMode>,
	);
}

void start();
