import type { ApprovalStep, Device, WaitingSignIn } from '../src/engine/contract';
import type { Script } from '../src/test/scripted-engine';
import { aConversation, aPerson } from '../src/test/scripted-engine';
import { signedIn } from './signed-in';
import type { Story, StoryPage } from './story';

const malik = aPerson({ member: 'b2'.repeat(16), loginName: 'malik', displayName: 'Malik Benali' });

const HOUR = 3_600_000;
const devices = (): Device[] => {
	const now = Date.now();
	return [
		{
			device: 'd0'.repeat(16),
			name: 'Firefox on Linux',
			created: now - 400 * HOUR,
			lastSeen: now,
			current: true,
		},
		{
			device: 'd1'.repeat(16),
			name: 'Chrome on Android',
			created: now - 90 * HOUR,
			lastSeen: now - 3 * HOUR,
			current: false,
		},
		{
			device: 'd2'.repeat(16),
			name: 'Terminal on field-laptop-with-a-very-long-name',
			created: now - 2_000 * HOUR,
			lastSeen: now - 700 * HOUR,
			current: false,
		},
	];
};
const RECENTLY = 1_764_252_120_000;
const makeCode = async (page: StoryPage) => {
	await page.fill(/^(Current passphrase|Phrase secrète actuelle)/, 'five words');
	await page.press(/^(Make a recovery code|Créer un code)/);
};
const listing: Script = {
	onCommand: (command, engine) => {
		if (command.do === 'listDevices') engine.emit({ is: 'devices', devices: devices() });
		engine.emit({ is: 'done', doing: command.do });
	},
};
const waiting = (step: ApprovalStep): WaitingSignIn => ({
	device: 'd9'.repeat(16),
	name: 'Chromium on Windows',
	asked: Date.UTC(2026, 10, 27, 14, 2),
	step,
	...(step === 'code' && { code: '123 456 789' }),
});
const verifying = { path: `/verify/${malik.member}` };
const withMalik = (change: Partial<typeof malik>) =>
	signedIn({ conversations: [aConversation({ members: [aPerson(), { ...malik, ...change }] })] });

export const stories: Story[] = [
	{ id: 'settings/index', path: '/settings', ...signedIn() },
	{ id: 'settings/profile', path: '/settings/profile', ...signedIn() },
	{ id: 'settings/passphrase', path: '/settings/passphrase', ...signedIn() },
	{
		id: 'settings/passphrase-by-code',
		path: '/settings/passphrase',
		...signedIn({ recovery: { there: true, made: RECENTLY, remind: false, passphraseWanted: true } }),
	},
	{ id: 'settings/recovery', path: '/settings/recovery', ...signedIn() },
	{
		id: 'settings/recovery-there',
		path: '/settings/recovery',
		...signedIn({ recovery: { there: true, made: RECENTLY, remind: false, passphraseWanted: false } }),
	},
	{
		id: 'settings/recovery-code',
		path: '/settings/recovery',
		...signedIn(),
		steps: makeCode,
	},
	{
		id: 'settings/recovery-again',
		path: '/settings/recovery',
		...signedIn(),
		steps: async (page) => {
			await makeCode(page);
			await page.press(/^(I have it on paper|Je l’ai sur papier)/);
		},
	},
	{ id: 'settings/devices', path: '/settings/devices', ...signedIn({}, listing) },
	{
		id: 'settings/devices-sure',
		path: '/settings/devices',
		...signedIn({}, listing),
		play: (engine) => engine.emit({ is: 'changingKeys', done: 3, total: 12 }),
		steps: (page) => page.press(/^(Sign out|Déconnecter) Chrome/),
	},
	{
		id: 'settings/devices-loading',
		path: '/settings/devices',
		...signedIn({}, { onCommand: () => undefined }),
	},
	{ id: 'settings/lock', path: '/settings/lock', ...signedIn() },
	{
		id: 'settings/lock-on',
		path: '/settings/lock',
		...signedIn({ storage: { kept: 'disk', why: null, persistent: true, appLock: true } }),
	},
	{ id: 'settings/appearance', path: '/settings/appearance', ...signedIn() },
	{ id: 'settings/messages', path: '/settings/messages', ...signedIn() },
	{
		id: 'settings/storage',
		path: '/settings/storage',
		...signedIn({ storage: { kept: 'disk', why: null, persistent: false, appLock: false } }),
	},
	{
		id: 'settings/storage-memory',
		path: '/settings/storage',
		...signedIn({ storage: { kept: 'memory', why: 'public', persistent: false, appLock: false } }),
	},
	{ id: 'settings/invite', path: '/settings/invite', ...signedIn() },
	{ id: 'settings/about', path: '/settings/about', ...signedIn() },
	{
		id: 'settings/sign-out',
		path: '/settings',
		...signedIn({
			conversations: [
				aConversation({ last: { time: Date.now(), text: 'On my way', own: true, state: 'waiting' } }),
			],
		}),
		steps: (page) => page.press(/^(Sign out|Se déconnecter)$/),
	},

	{ id: 'verify/compare', ...verifying, ...withMalik({}) },
	{ id: 'verify/verified', ...verifying, ...withMalik({ verified: true }) },
	{ id: 'verify/changed', ...verifying, ...withMalik({ identityChanged: true }) },
	{
		id: 'verify/unknown',
		...verifying,
		script: { ...withMalik({}).script, safetyNumber: null, safetyCode: null },
	},
	{
		id: 'verify/no-camera',
		...verifying,
		...withMalik({}),
		steps: (page) => page.press(/^(Scan the code of|Scanner le code de)/),
	},

	{
		id: 'security/new-sign-in',
		path: '/settings/about',
		...signedIn({
			notices: [
				{ device: 'd9'.repeat(16), name: 'Chromium on Windows', time: Date.UTC(2026, 10, 27, 14, 2) },
			],
		}),
		steps: (page) => page.see(/opened on another|ouvert sur un autre/),
	},
	{
		id: 'security/not-me',
		path: '/settings/about',
		...signedIn({
			notices: [
				{ device: 'd9'.repeat(16), name: 'Chromium on Windows', time: Date.UTC(2026, 10, 27, 14, 2) },
			],
		}),
		steps: (page) => page.press(/^(No, not me|Non, pas moi)$/),
	},
	...(['asked', 'preparing', 'code', 'elsewhere', 'differs'] as const).map((step) => ({
		id: `security/approval-${step}`,
		path: '/settings/about',
		...signedIn({ approvals: { required: true, waiting: [waiting(step)] } }),
		steps: (page: StoryPage) => page.see(/sign in to your|se connecter à votre|show this code|montrent-ils/),
	})),
	{
		id: 'security/approval-refused',
		path: '/settings/about',
		...signedIn({ approvals: { required: true, waiting: [waiting('asked')] } }),
		script: {
			...signedIn({ approvals: { required: true, waiting: [waiting('asked')] } }).script,
			...listing,
		},
		steps: (page) => page.press(/^(That’s not me|Ce n’est pas moi)$/),
	},
	{
		id: 'security/approval-others',
		path: '/settings/about',
		...signedIn({
			approvals: {
				required: true,
				waiting: [
					{ ...waiting('asked'), device: 'd8'.repeat(16), asked: Date.UTC(2026, 10, 27, 13, 58) },
					waiting('code'),
				],
			},
		}),
		steps: (page) => page.see(/1 more sign-in|1 autre connexion/),
	},
	{
		id: 'security/approval-differed',
		path: '/settings/about',
		...signedIn({ approvals: { required: true, waiting: [waiting('differs')] } }),
		script: {
			...signedIn({ approvals: { required: true, waiting: [waiting('differs')] } }).script,
			...listing,
		},
		steps: (page) => page.press(/^(Refuse it|Refuser)$/),
	},
	{ id: 'settings/approval-on', path: '/settings/approval', ...signedIn() },
	{
		id: 'settings/approval-off',
		path: '/settings/approval',
		...signedIn({ approvals: { required: true, waiting: [] } }),
	},
	{
		id: 'security/identity-changed',
		path: '/settings/about',
		...signedIn(),
		play: (engine) => engine.emit({ is: 'identityChanged', member: malik.member }),
		steps: (page) => page.see(/identity of|identité de/),
	},

	{ id: 'help/index', path: '/help' },
	{ id: 'help/start', path: '/help/start' },
	{ id: 'help/server', path: '/help/server' },
	{ id: 'help/browser', path: '/help/browser' },
];
