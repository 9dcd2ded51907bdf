import { aPerson, aSession, aState } from '../src/test/scripted-engine';
import type { Story, StoryPage } from './story';

const LINK = 'https://chat.example.org:7443/i#hqF2AaZzZWNyZXTEEHVubGlrZWx5IHNlY3JldCEhp2ludml0ZXLEEA';
const invited = { options: { arrival: { invitation: LINK, code: null, reset: null } }, path: '/i' };
const NEW_SERVER = { organisation: '', setUpNeeded: true, unaudited: true, version: '0.1.0' } as const;

/** English and French words of the same button or field. */
const NEXT = /^(Continue|Continuer)$/;
const NAME = /^(Your name|Votre nom)$/;
const LOGIN = /^(Login name|Nom de connexion)$/;
const PASSPHRASE = /^(Passphrase|Phrase secrète)$/;

async function names(page: StoryPage): Promise<void> {
	await page.fill(NAME, 'Zoë O’Hara');
	await page.press(NEXT);
}

export const stories: Story[] = [
	{ id: 'sign-in/empty', path: '/sign-in' },
	{ id: 'recover/empty', path: '/recover' },
	{
		id: 'recover/mistyped',
		path: '/recover',
		steps: async (page) => {
			await page.fill(/^(Login name|Nom de connexion)/, 'ada');
			await page.fill(/^(Recovery code|Code de secours)/, '7QK2M-0ZV4T');
			await page.press(/^(Come back|Revenir)/);
		},
	},
	{
		id: 'sign-in/starting',
		path: '/sign-in',
		script: { onOpen: () => new Promise(() => undefined) },
		waits: true,
	},
	{
		id: 'sign-in/missing',
		path: '/sign-in',
		steps: (page) => page.press(/^(Sign in|Se connecter)$/),
	},
	{
		id: 'sign-in/wrong',
		path: '/sign-in',
		script: {
			onCommand: ({ do: doing }, engine) =>
				engine.emit({
					is: 'failed',
					doing,
					failure: {
						is: 'server',
						code: 'wrong_name_or_passphrase',
						message: '',
						retryable: false,
						retryAfterMs: null,
					},
				}),
		},
		steps: async (page) => {
			await page.fill(LOGIN, 'ada');
			await page.fill(PASSPHRASE, 'orbit velvet canyon');
			await page.press(/^(Sign in|Se connecter)$/);
		},
	},
	{
		id: 'sign-in/unlocking',
		path: '/sign-in',
		script: { onCommand: (command, engine) => engine.emit({ is: 'progress', doing: command.do }) },
		steps: async (page) => {
			await page.fill(LOGIN, 'ada');
			await page.fill(PASSPHRASE, 'orbit-velvet-canyon-ladder-sunset');
			await page.press(/^(Sign in|Se connecter)$/);
		},
	},
	{
		id: 'sign-in/waits',
		path: '/sign-in',
		play: (engine) => engine.emit({ is: 'signInApproval', approval: { letIn: false } }),
		steps: (page) => page.see(/Waiting for one|En attente d’un/),
	},
	{
		id: 'sign-in/waits-code',
		path: '/sign-in',
		play: (engine) => engine.emit({ is: 'signInApproval', approval: { code: '123 456 789', letIn: false } }),
		steps: (page) => page.see(/same code|même code/),
	},
	{
		id: 'sign-in/offline',
		path: '/sign-in',
		script: { state: { server: null, connection: { is: 'offline', retryAt: 0 } } },
	},
	{
		id: 'sign-in/public-computer',
		path: '/sign-in',
		steps: (page) => page.tick(/^(This is a public computer|C’est un ordinateur public)/),
	},
	{
		id: 'sign-in/left-untold',
		path: '/',
		script: { state: { session: aSession() } },
		play: (engine) => {
			engine.become({ session: null });
			engine.emit({ is: 'failed', doing: 'signOut', failure: { is: 'offline' } });
			engine.emit({ is: 'wiped' });
		},
		steps: (page) => page.see(/^(Sign in|Connexion)$/),
	},
	{ id: 'sign-in/signed-out', path: '/', script: { state: { session: aSession(), signedOut: true } } },

	{ id: 'register/names', ...invited },
	{ id: 'register/missing', ...invited, steps: (page) => page.press(NEXT) },
	{
		id: 'register/login-space',
		...invited,
		steps: async (page) => {
			await page.fill(NAME, 'Zoë O’Hara');
			await page.fill(LOGIN, 'zoë ohara');
			await page.press(NEXT);
		},
	},
	{ id: 'register/passphrase', ...invited, steps: names },
	{
		id: 'register/not-written-down',
		...invited,
		steps: async (page) => {
			await names(page);
			await page.press(/^(Create my account|Créer mon compte)$/);
		},
	},
	{
		id: 'register/own-passphrase',
		...invited,
		steps: async (page) => {
			await names(page);
			await page.press(/^(Choose my own instead|Choisir plutôt la mienne)$/);
			await page.fill(/own passphrase|propre phrase/, 'azerty123');
			await page.press(/^(Create my account|Créer mon compte)$/);
		},
	},
	{
		id: 'register/name-taken',
		...invited,
		script: {
			onCommand: ({ do: doing }, engine) =>
				engine.emit({
					is: 'failed',
					doing,
					failure: { is: 'server', code: 'name_taken', message: '', retryable: false, retryAfterMs: null },
				}),
		},
		steps: async (page) => {
			await names(page);
			await page.tick(/written it down|ai notée/);
			await page.press(/^(Create my account|Créer mon compte)$/);
		},
	},
	{
		id: 'register/done',
		...invited,
		steps: async (page) => {
			await names(page);
			await page.tick(/written it down|ai notée/);
			await page.press(/^(Create my account|Créer mon compte)$/);
		},
	},
	{
		id: 'register/app-lock',
		...invited,
		steps: async (page) => {
			await names(page);
			await page.tick(/written it down|ai notée/);
			await page.press(/^(Create my account|Créer mon compte)$/);
			await page.press(/^(Set an app lock|Verrouiller l’application)$/);
		},
	},
	{ id: 'register/no-link', path: '/i' },
	{ id: 'register/unreadable', ...invited, script: { invitation: null } },
	{ id: 'register/signed-in', ...invited, script: { state: { session: aSession() } } },

	{
		id: 'first-run/organisation',
		path: '/start',
		script: { state: { server: NEW_SERVER } },
		options: { arrival: { invitation: null, code: '7KQM-2XJD-9FTA-4WPR', reset: null } },
	},
	{
		id: 'first-run/admin',
		path: '/',
		script: { state: { server: NEW_SERVER } },
		options: { arrival: { invitation: null, code: '7KQM-2XJD-9FTA-4WPR', reset: null } },
		steps: async (page) => {
			await page.fill(/^(Name of your organisation|Nom de votre organisation)$/, 'Journalistes Sans Papiers');
			await page.press(NEXT);
		},
	},
	{
		id: 'first-run/invite',
		path: '/start',
		script: {
			state: { server: NEW_SERVER },
			onCommand: (command, engine) => {
				if (command.do === 'setUp') {
					engine.become({ server: aState().server, session: aSession({ me: aPerson() }) });
					engine.emit({ is: 'signedIn', session: aSession() });
				}
				if (command.do === 'invite') {
					engine.emit({ is: 'invitation', link: LINK, expires: Date.UTC(2026, 11, 4, 15, 30) });
				}
				engine.emit({ is: 'done', doing: command.do });
			},
		},
		options: { arrival: { invitation: null, code: '7KQM-2XJD-9FTA-4WPR', reset: null } },
		steps: async (page) => {
			await page.fill(/^(Name of your organisation|Nom de votre organisation)$/, 'Journalistes Sans Papiers');
			await page.press(NEXT);
			await names(page);
			await page.tick(/written it down|ai notée/);
			await page.press(/^(Create the organisation|Créer l’organisation)$/);
			await page.press(/^(Make an invitation|Créer une invitation)$/);
		},
	},
	{ id: 'first-run/done-already', path: '/start' },

	{ id: 'lock/locked', path: '/', script: { onOpen: () => ({ is: 'locked', wrong: false }) } },
	{ id: 'lock/wrong', path: '/', script: { onOpen: () => ({ is: 'locked', wrong: true }) } },
];
