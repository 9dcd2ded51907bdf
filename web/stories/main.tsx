import '@fontsource-variable/inter/index.css';
import '../src/ui/base.css';
import './stories.css';
import { createMemoryHistory } from '@tanstack/react-router';
import { screen, waitFor } from '@testing-library/dom';
import userEvent from '@testing-library/user-event';
import { Suspense } from 'react';
import { I18nProvider } from 'react-aria-components/I18nProvider';
import { createRoot } from 'react-dom/client';
import { App } from '../src/app/App';
import { EngineProvider } from '../src/app/engine-context';
import { startI18n } from '../src/app/i18n';
import { CATALOGUES } from '../src/app/language';
import { makeRouter } from '../src/app/router';
import { createAppStore } from '../src/app/store';
import { applyTheme } from '../src/app/theme';
import { AddPeople } from '../src/features/groups/lazy';
import { NewConversation, NewGroup } from '../src/features/new-conversation/lazy';
import { DetailsPane } from '../src/features/people/lazy';
import { scriptedEngine } from '../src/test/scripted-engine';
import { all } from './all';
import type { Story, StoryPage } from './story';

const asked = new URLSearchParams(window.location.search);
const language = asked.get('lang') === 'fr' ? 'fr' : 'en';
const theme = asked.get('theme') === 'dark' ? 'dark' : 'light';

async function start(): Promise<void> {
	applyTheme(theme);
	const i18n = await startI18n(language);
	// pictures are taken of what is there, not of what is being loaded
	await i18n.loadNamespaces([...CATALOGUES]);
	await Promise.all([NewConversation, NewGroup, DetailsPane, AddPeople].map((part) => part.load()));
	const root = document.getElementById('root');
	const story = all.find((one) => one.id === asked.get('story'));
	if (root) createRoot(root).render(story ? <Stage story={story} /> : <Index />);
}

function Stage({ story }: { story: Story }) {
	const settings = {
		language,
		theme,
		enterSends: true,
		receipts: true,
		recoveryReminded: false,
		signInNotices: true,
		...story.script?.state?.settings,
	} as const;
	const engine = scriptedEngine({ ...story.script, state: { ...story.script?.state, settings } });
	const check = engine.checkSafetyCode;
	engine.checkSafetyCode = (member, code) => {
		// for the test that holds a code in front of the camera
		document.documentElement.dataset.scanned = code.join();
		return check(member, code);
	};
	const store = createAppStore(engine, { look: { language, theme }, ...story.options });
	const opened = store.actions.open();
	void (story.waits ? Promise.resolve() : opened).then(() => {
		story.play?.(engine, store);
		void ready(story);
	});
	if (story.render) {
		return (
			<EngineProvider engine={engine} store={store}>
				<I18nProvider locale={language}>
					<Suspense>
						<main id="main" className="story-piece">
							<h1 className="visually-hidden">{story.id}</h1>
							{story.render()}
						</main>
					</Suspense>
				</I18nProvider>
			</EngineProvider>
		);
	}
	const router = makeRouter(createMemoryHistory({ initialEntries: [story.path ?? '/'] }));
	return <App engine={engine} store={store} router={router} />;
}

const page: StoryPage = {
	async press(name) {
		const found = await waitFor(() => {
			const [first] = [
				...screen.queryAllByRole('button', { name }),
				...screen.queryAllByRole('link', { name }),
			];
			if (!first) throw new Error(`there is no ${name}`);
			return first;
		});
		await userEvent.click(found);
	},
	async fill(label, text) {
		const field = await screen.findByLabelText(label, { selector: 'input' });
		await userEvent.clear(field);
		await userEvent.type(field, text);
	},
	async see(heading) {
		await screen.findByRole('heading', { name: heading });
	},
	async read(words) {
		await screen.findByText(words, {}, { timeout: 5_000 });
	},
	async choose(name) {
		await userEvent.click(await screen.findByRole('menuitem', { name }));
	},
	async pick(name) {
		await userEvent.click(await screen.findByRole('option', { name }));
	},
	async flip(name) {
		await userEvent.click(await screen.findByRole('switch', { name }));
	},
	async keys(text) {
		await userEvent.keyboard(text);
	},
	async tick(label) {
		await userEvent.click(await screen.findByRole('checkbox', { name: label }));
	},
};

/** Does what a person does in this story, then says that it can be looked at. */
async function ready(story: Story): Promise<void> {
	// the frame of a screen is there at once, its content when it is loaded
	await waitFor(() => {
		const main = document.querySelector('#main:not([aria-busy]) h1, [role=dialog] h2, [role=alertdialog] h2');
		if (!main) throw new Error('nothing is there yet');
	});
	await story.steps?.(page);
	// what was asked of the engine is answered within two turns; rows are measured, then placed
	for (let turn = 0; turn < 12; turn += 1) await new Promise(requestAnimationFrame);
	document.documentElement.dataset.ready = 'yes';
}

function Index() {
	return (
		<main className="story-piece">
			<h1>Stories</h1>
			<ul>
				{all.map(({ id }) => (
					<li key={id}>
						<a href={`?story=${id}&theme=${theme}&lang=${language}`}>{id}</a>
					</li>
				))}
			</ul>
		</main>
	);
}

void start();
