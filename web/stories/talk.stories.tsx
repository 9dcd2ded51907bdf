import type { Conversation, Item, Page, Person, State } from '../src/engine/contract';
import type { Script } from '../src/test/scripted-engine';
import { aChange, aConversation, aGroup, aPerson, aSession } from '../src/test/scripted-engine';
import { hundredsOf, longNames } from './extremes';
import type { Story } from './story';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Pictures of times stay alike through a day: the stories play at noon. */
const NOON = new Date().setHours(12, 0, 0, 0);

const ada = aPerson();
const malik = aPerson({
	member: 'b2'.repeat(16),
	loginName: 'malik',
	displayName: 'Malik Benali',
	verified: true,
});
const zoe = aPerson({ member: 'b3'.repeat(16), loginName: 'zoe', displayName: 'Zoë O’Hara' });
const omar = aPerson({ member: 'b4'.repeat(16), loginName: 'omar', displayName: 'عمر الشريف' });
const ines = aPerson({
	member: 'b5'.repeat(16),
	loginName: 'ines',
	displayName: 'Inès',
	identityChanged: true,
});

let seq = 0;
const said = (sender: Person, minutes: number, text: string, change: Partial<Item> = {}): Item => {
	seq += 1;
	const time = NOON - minutes * 60_000;
	const own = sender.member === ada.member;
	return {
		key: `m${seq}`,
		seq,
		sender: sender.member,
		senderName: sender.displayName,
		own,
		time,
		serverTime: time,
		expires: 0,
		body: { is: 'text', text },
		state: own ? 'read' : null,
		...change,
	};
};
const event = (sender: Person, minutes: number, body: Item['body']): Item =>
	said(sender, minutes, '', { body, state: null });

const everyday: Item[] = [
	event(malik, 2 * 1440, { is: 'created' }),
	said(malik, 2 * 1440 - 1, 'Are you already in Marseille?'),
	said(ada, 2 * 1440 - 3, 'Since yesterday evening. The line is bad, but this gets through.'),
	said(malik, 1500, 'Good. I have spoken to the dockers: they want to talk, but not on the phone.'),
	said(malik, 1499, 'Can you be at the café at ten?\nThe one with the green door.'),
	said(ada, 1490, 'Yes.', { state: 'read' }),
	said(ada, 1489, '👍'),
	said(malik, 130, 'The documents are here: https://files.example.org/port/2026/manifest.pdf'),
	said(malik, 60, 'Read page 4 first.'),
	said(ada, 12, 'Reading. There is a name in it that I know.', { state: 'read' }),
	said(ada, 11, 'I will call him from a box this afternoon.', { state: 'delivered' }),
	said(ada, 2, 'And then I will write it up.', { state: 'sent' }),
	said(ada, 1, 'Keep the line free at six, please.', {
		seq: null,
		serverTime: 0,
		expires: 0,
		state: 'waiting',
	}),
];

const hostile: Item[] = [
	said(malik, 90, '<script>alert(1)</script> <img src=x onerror=alert(2)> <svg/onload=alert(3)>'),
	said(malik, 88, 'photo\u202egnp.exe \u2067reversed\u2069 text'),
	said(malik, 80, 'Log in here: https://accounts.google.com@evil.example/login or https://аpple.com/id'),
	said(malik, 79, 'Honest: https://éléphant.fr/ and (https://en.wikipedia.org/wiki/Cat_(animal)).'),
	said(ada, 70, 'x'.repeat(600)),
	said(malik, 60, `Z${'\u0301\u0302\u0303'.repeat(40)}a${'\u0300'.repeat(60)}lgo`),
	said(malik, 50, 'مرحبا، هل وصلت الوثائق؟ نعم: https://example.org/ملف'),
	said(ada, 49, 'שלום, הכול הגיע.'),
	said(malik, 40, 'My clock is wrong.', { time: NOON - 40 * 60_000 - 3 * HOUR }),
	said(malik, 30, '🎉😂❤️'),
	said(omar, 20, 'नमस्ते, 你好, สวัสดี 👩‍👩‍👧‍👦'),
];

const systems: Item[] = [
	event(malik, 300, { is: 'created' }),
	event(malik, 299, aChange({ added: ['Ada Lovelace', 'عمر الشريف', 'Zoë O’Hara'] })),
	said(zoe, 200, 'Hello everyone.'),
	said(zoe, 199, 'Who has the keys to the office?'),
	said(omar, 190, 'أنا.'),
	event(ada, 180, aChange({ removed: ['Zoë O’Hara'] })),
	event(omar, 170, { is: 'keysUpdated' }),
	event(omar, 160, { is: 'newer' }),
	event(malik, 150, { is: 'removedByServer' }),
	event(malik, 140, { is: 'unverified' }),
	said(ada, 100, 'Then let’s go on without it.', { state: 'delivered' }),
];

const long: Item[] = [
	said(malik, 60, Array.from({ length: 60 }, (_, n) => `${n + 1}. A line of a long list.`).join('\n')),
	said(ada, 50, 'word '.repeat(700), { state: 'read' }),
];

const unread: Item[] = [
	...Array.from({ length: 30 }, (_, n) =>
		said(n % 3 ? malik : ada, 400 - n, `Read message number ${n + 1}.`),
	),
	...Array.from({ length: 24 }, (_, n) => said(malik, 200 - n * 6, `Unread message number ${n + 1}.`)),
];

/** A conversation of so many messages, made as they are asked for. */
const endless =
	(n: number) =>
	(at: { before?: number; after?: number; limit: number }): Page => {
		const to =
			at.after === undefined ? Math.min(n, (at.before ?? n + 1) - 1) : Math.min(n, at.after + at.limit);
		const from = at.after === undefined ? Math.max(1, to - at.limit + 1) : at.after + 1;
		const items = Array.from({ length: Math.max(0, to - from + 1) }, (_, index): Item => {
			const number = from + index;
			const sender = number % 3 === 0 ? ada : malik;
			const words = 2 + ((number * 7919) % (number % 11 === 0 ? 160 : 24));
			const time = NOON - (n - number) * 7 * 60_000;
			const own = sender === ada;
			return {
				key: `e${number}`,
				seq: number,
				sender: sender.member,
				senderName: sender.displayName,
				own,
				time,
				serverTime: time,
				expires: 0,
				body: { is: 'text', text: `${number}: ${'some words of it '.repeat(Math.ceil(words / 4)).trim()}` },
				state: own ? 'read' : null,
			};
		});
		return { items, older: from > 1, olderOnServer: false, newer: to < n };
	};

const pages =
	(items: Item[]) =>
	(at: { before?: number; after?: number; limit: number }): Page => {
		const sent = items.filter((item) => item.seq !== null);
		const waiting = items.filter((item) => item.seq === null);
		const { before = Number.POSITIVE_INFINITY, after } = at;
		const seqOf = (item: Item) => item.seq ?? 0;
		if (after !== undefined) {
			const later = sent.filter((item) => seqOf(item) > after);
			const shown = later.slice(0, at.limit);
			return {
				items: shown,
				older: shown[0] !== sent[0],
				olderOnServer: false,
				newer: shown.length < later.length,
			};
		}
		const earlier = sent.filter((item) => seqOf(item) < before);
		const shown = earlier.slice(-at.limit);
		const rest = at.before === undefined ? waiting : [];
		return {
			items: [...shown, ...rest],
			older: shown.length < earlier.length,
			olderOnServer: false,
			newer: false,
		};
	};

const talk = aConversation({ title: malik.displayName, members: [ada, malik] });
const path = `/c/${talk.conversation}`;
const others: Conversation[] = [
	aConversation({
		conversation: 'c4'.repeat(16),
		title: zoe.displayName,
		members: [ada, zoe],
		unread: 3,
		last: {
			time: NOON - 2 * HOUR,
			text: 'The editor wants it by Thursday.\nCan we?',
			own: false,
			state: null,
		},
	}),
	aConversation({
		conversation: 'c5'.repeat(16),
		title: omar.displayName,
		members: [ada, omar],
		last: { time: NOON - DAY - HOUR, text: 'إلى اللقاء غدا', own: true, state: 'delivered' },
	}),
	aConversation({
		conversation: 'c6'.repeat(16),
		title: ines.displayName,
		members: [ada, ines],
		last: { time: NOON - 3 * DAY, text: 'Bonjour', own: false, state: null },
	}),
	aConversation({
		conversation: 'c7'.repeat(16),
		title: 'Guillaume-Emmanuel de Montgolfier-Sainte-Croix',
		members: [
			ada,
			aPerson({ member: 'b7'.repeat(16), displayName: 'Guillaume-Emmanuel de Montgolfier-Sainte-Croix' }),
		],
		draft: 'I have been thinking about what you said on',
		last: { time: NOON - 40 * DAY, text: 'See you.', own: false, state: null },
	}),
	aConversation({
		conversation: 'c8'.repeat(16),
		title: 'Zoë, Omar, Malik',
		direct: false,
		members: [ada, zoe, omar, malik],
		group: aGroup({ roles: ['member', 'owner', 'member', 'member'], role: 'member' }),
		unread: 1204,
		last: { time: NOON - 400 * DAY, text: '😂😂😂', own: false, state: null },
	}),
	aConversation({ conversation: 'c9'.repeat(16), title: 'Ngozi', members: [ada], ready: false }),
];

function home(
	items: Item[],
	change: Partial<Conversation> = {},
	state: Partial<State> = {},
	script: Script = {},
) {
	const last = {
		time: NOON - 60_000,
		text: 'Keep the line free at six, please.',
		own: true,
		state: 'waiting' as const,
	};
	const conversations = [{ ...talk, last, ...change }, ...others];
	return {
		script: { timeline: pages(items), ...script, state: { session: aSession(), conversations, ...state } },
	};
}

const [wide = ada, rtl = ada, french = ada] = longNames;
const longTalk = {
	title: longNames.map((person) => person.displayName).join(', '),
	direct: false,
	members: [ada, ...longNames],
	group: aGroup({ named: false, roles: ['admin', 'owner', 'admin', 'readOnly'] }),
};
const longSaid: Item[] = [
	event(wide, 50, { is: 'created' }),
	event(french, 49, aChange({ added: [rtl.displayName, wide.displayName] })),
	said(wide, 40, 'Short.'),
	said(rtl, 39, 'نعم'),
	said(french, 38, 'Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz '.repeat(3)),
	said(ada, 30, 'Yes.', { state: 'read' }),
];

const group = {
	title: 'Zoë, Omar, Malik',
	direct: false,
	members: [ada, zoe, omar, malik],
	group: aGroup({ named: false, role: 'member', roles: ['member', 'owner', 'admin', 'member'] }),
};
const finding: Script = {
	onCommand: (command, engine) => {
		if (command.do === 'findPeople') {
			const all = [ada, malik, zoe, omar, ines].filter((person) =>
				person.loginName.startsWith(command.query),
			);
			engine.emit({ is: 'people', people: all });
		}
		engine.emit({ is: 'done', doing: command.do });
	},
};

const timed: Item[] = [
	...everyday.map((item) => ({ ...item, expires: item.serverTime + 86_400_000 })),
	{ ...said(malik, 1, ''), body: aChange({ timer: 86_400 }) },
];

export const stories: Story[] = [
	{ id: 'home/list', path: '/', ...home(everyday) },
	{ id: 'home/empty-admin', path: '/', script: { state: { session: aSession() } } },
	{ id: 'home/empty-member', path: '/', script: { state: { session: aSession({ role: 'member' }) } } },
	{
		id: 'home/search',
		path: '/',
		...home(everyday),
		steps: (page) => page.fill(/^(Search conv|Chercher dans)/, 'zo'),
	},
	{
		id: 'home/nothing-found',
		path: '/',
		...home(everyday),
		steps: (page) => page.fill(/^(Search conv|Chercher dans)/, 'qq'),
	},
	{ id: 'home/unknown', path: '/c/ffff', ...home(everyday) },
	{ id: 'home/hundreds', path: '/', ...home([], {}, { conversations: hundredsOf(ada, NOON) }) },
	{ id: 'home/menu', path: '/', ...home(everyday), steps: (page) => page.press(/^Menu$/) },

	{ id: 'talk/everyday', path, ...home(everyday) },
	{ id: 'talk/empty', path, ...home([]) },
	{ id: 'talk/loading', path, ...home([], {}, {}, { timeline: () => new Promise(() => undefined) }) },
	{ id: 'talk/hostile', path, ...home(hostile, { direct: false }) },
	{ id: 'talk/group', path, ...home(systems, group) },
	{ id: 'talk/long-names', path, ...home(longSaid, longTalk) },
	{ id: 'talk/details-long-names', path: `${path}/details`, ...home(longSaid, longTalk) },
	{ id: 'talk/long', path, ...home(long) },
	{ id: 'talk/unread', path, ...home(unread, { unread: 24, read: unread[29]?.seq ?? 0 }) },
	{ id: 'talk/endless', path, ...home([], {}, {}, { timeline: endless(100_000) }) },
	{
		id: 'talk/link-that-lies',
		path,
		...home(hostile),
		steps: (page) => page.press(/google\.com@evil/),
	},
	{ id: 'talk/identity', path, ...home(everyday, { members: [ada, { ...malik, identityChanged: true }] }) },
	{ id: 'talk/broken', path, ...home(everyday, { broken: true }) },
	{ id: 'talk/gone', path, ...home(everyday, { gone: true }) },
	{
		id: 'talk/restoring',
		path,
		...home(everyday, { title: '…', members: [ada], ready: false, restoring: true }),
	},
	{
		id: 'talk/restored',
		path,
		...home([...everyday, event(malik, 1, aChange({ restored: ['Ada Lovelace'] }))]),
	},
	{ id: 'talk/not-ready', path, ...home(everyday, { ready: false }) },
	{
		id: 'talk/draft',
		path,
		...home(everyday, { draft: 'First line\nsecond\nthird\nfourth\nfifth\nsixth\nseventh\neighth\nninth' }),
	},
	{ id: 'talk/too-long', path, ...home(everyday, { draft: 'é'.repeat(9000) }) },
	{
		id: 'talk/read-only',
		path,
		...home(
			everyday,
			{ draft: 'Will this go out?' },
			{ connection: { is: 'readOnly', reason: 'disk full' } },
		),
	},
	{
		id: 'talk/offline',
		path,
		...home(everyday, {}, { connection: { is: 'offline', retryAt: 0 } }),
	},
	{ id: 'talk/emoji', path, ...home(everyday), steps: (page) => page.press(/^(Emoji|Émoji)$/) },
	{ id: 'talk/timed', path, ...home(timed, { timer: 86_400 }) },
	{ id: 'talk/details', path: `${path}/details`, ...home(everyday) },
	{ id: 'talk/details-timed', path: `${path}/details`, ...home(timed, { timer: 86_400 }) },
	{
		id: 'talk/details-timed-by-others',
		path: `${path}/details`,
		...home(timed, { timer: 7_200, maySetTimer: false }),
	},
	{
		id: 'talk/details-group',
		path: `${path}/details`,
		...home(systems, { ...group, members: [ada, zoe, omar, ines] }),
	},

	{
		id: 'new/long-names',
		path: '/new',
		...home(
			everyday,
			{},
			{},
			{
				onCommand: (command, engine) => {
					engine.emit({ is: 'people', people: longNames });
					engine.emit({ is: 'done', doing: command.do });
				},
			},
		),
	},
	{ id: 'new/people', path: '/new', ...home(everyday, {}, {}, finding) },
	{
		id: 'new/nobody',
		path: '/new',
		...home(everyday, {}, {}, finding),
		steps: (page) => page.fill(/^(Search people|Chercher une personne)/, 'qq'),
	},
	{
		id: 'new/offline',
		path: '/new',
		...home(
			everyday,
			{},
			{},
			{
				onCommand: (command, engine) =>
					engine.emit({ is: 'failed', doing: command.do, failure: { is: 'offline' } }),
			},
		),
	},

	{
		id: 'keys/help',
		path: '/',
		...home(everyday),
		steps: async (page) => {
			await page.press(/^Menu$/);
			await page.choose(/^(Keyboard shortcuts|Raccourcis clavier)$/);
		},
	},
	{
		id: 'keys/go-to',
		path: '/',
		...home(everyday, {}, {}, finding),
		steps: (page) => page.keys('{Control>}k{/Control}'),
	},
];
