import type { Failure } from '../src/engine/contract';
import type { ScriptedEngine } from '../src/test/scripted-engine';
import { signedIn } from './signed-in';
import type { Story } from './story';

const fails = (failure: Failure) => (engine: ScriptedEngine) =>
	engine.emit({ is: 'failed', doing: 'background', failure });
const cantOpen = (failure: Failure): Pick<Story, 'path' | 'script'> => ({
	path: '/',
	script: { onOpen: () => ({ is: 'failed', failure }) },
});

/** The connection comes only now, to a server that answers so. */
function connects(engine: ScriptedEngine, headers: Record<string, string>, body: string): void {
	window.fetch = async () => new Response(body, { headers });
	engine.become({ connection: { is: 'online' } });
	engine.emit({ is: 'connection', connection: { is: 'online' } });
}

export const stories: Story[] = [
	{
		id: 'shell/connecting',
		path: '/settings/about',
		...signedIn({ connection: { is: 'connecting' } }),
		steps: (page) => page.read(/^(Connecting…|Connexion…)$/),
	},
	{
		id: 'shell/offline',
		path: '/settings/about',
		...signedIn({ connection: { is: 'offline', retryAt: 0 } }),
	},
	{
		id: 'shell/read-only',
		path: '/settings/about',
		...signedIn({ connection: { is: 'readOnly', reason: 'disk full' } }),
	},
	{ id: 'shell/second-tab', path: '/settings/about', ...signedIn({}, { health: { is: 'following' } }) },
	{ id: 'shell/restarting', path: '/settings/about', ...signedIn({}, { health: { is: 'restarting' } }) },
	{
		id: 'shell/unsupported',
		path: '/settings/about',
		...signedIn({}, { health: { is: 'unsupported', lacks: ['wasm', 'workers', 'locks', 'channels'] } }),
	},
	{
		id: 'shell/dead',
		path: '/',
		...signedIn({}, { health: { is: 'dead', message: 'WebAssembly.instantiate(): out of memory' } }),
	},
	{
		id: 'shell/no-storage',
		path: '/settings/about',
		...signedIn({ storage: { kept: 'memory', why: 'unsupported', persistent: false, appLock: false } }),
	},
	{
		id: 'shell/storage-full',
		path: '/settings/about',
		...signedIn(),
		play: fails({ is: 'storeFull' }),
	},
	{
		id: 'shell/unverified',
		path: '/settings/about',
		...signedIn(),
		play: fails({ is: 'unverified', message: 'instance' }),
	},
	{
		id: 'shell/offline-waiting',
		path: '/settings/about',
		...signedIn({ connection: { is: 'offline', retryAt: Date.now() + 30_000 } }),
	},
	{
		id: 'shell/wrong-clock',
		path: '/settings/about',
		...signedIn({ connection: { is: 'connecting' } }),
		play: (engine) => connects(engine, { date: new Date(Date.now() - 3 * 3_600_000).toUTCString() }, ''),
		steps: (page) => page.read(/clock says|horloge de cet/),
	},
	{
		id: 'shell/newer-build',
		path: '/settings/about',
		...signedIn({ connection: { is: 'connecting' } }),
		play: (engine) => {
			const own = document.createElement('meta');
			own.name = 'chatalk-build';
			own.content = '0'.repeat(16);
			document.head.append(own);
			connects(engine, {}, JSON.stringify({ build: '1'.repeat(16) }));
		},
		steps: (page) => page.read(/newer version of ChaTalK is|nouvelle version de ChaTalK est/),
	},
	{
		id: 'shell/recovery-changed',
		path: '/',
		...signedIn({ recoveryChanged: Date.UTC(2026, 10, 27, 14, 2) }),
	},
	{
		id: 'shell/recovery-wanted',
		path: '/',
		...signedIn({ recovery: { there: true, made: null, remind: false, passphraseWanted: true } }),
	},
	{
		id: 'shell/recovery-remind',
		path: '/',
		...signedIn({ recovery: { there: false, made: null, remind: true, passphraseWanted: false } }),
	},
	{
		id: 'shell/passphrase-changed',
		path: '/settings/about',
		...signedIn({ passphraseChanged: Date.UTC(2026, 10, 27, 14, 2) }),
	},
	{
		id: 'shell/store-fails',
		path: '/settings/about',
		...signedIn(),
		play: fails({ is: 'store', message: 'disk I/O error' }),
	},
	// more at once than ever happens: the screen below stays of use
	{
		id: 'shell/everything-at-once',
		path: '/',
		...signedIn(
			{
				connection: { is: 'offline', retryAt: 0 },
				storage: { kept: 'memory', why: 'unsupported', persistent: false, appLock: false },
				passphraseChanged: Date.UTC(2026, 10, 27, 14, 2),
			},
			{ health: { is: 'following' } },
		),
		play: fails({ is: 'storeFull' }),
	},
	{
		id: 'shell/cleared',
		path: '/sign-in',
		play: (engine) => engine.emit({ is: 'wiped', cleared: [{ title: 'Malik Benali', text: 'At nine?' }] }),
		steps: (page) => page.press(/^(Show what was not sent|Voir ce qui n’a pas été envoyé)$/),
	},
	{ id: 'shell/tab-older', path: '/', ...signedIn({}, { health: { is: 'otherBuild', own: 'older' } }) },
	{ id: 'shell/tab-newer', path: '/', ...signedIn({}, { health: { is: 'otherBuild', own: 'newer' } }) },
	{ id: 'shell/reached', path: '/reached', ...signedIn() },
	{ id: 'shell/newer-store', ...cantOpen({ is: 'storeNewer' }) },
	{ id: 'shell/no-room', ...cantOpen({ is: 'storeFull' }) },
	{ id: 'shell/store-damaged', ...cantOpen({ is: 'store', message: 'file is not a database' }) },
	{ id: 'shell/not-found', path: '/nowhere', ...signedIn() },
];
