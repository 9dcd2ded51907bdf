import type { Command, Conversation, Group, GroupRole, Item, Person, State } from '../src/engine/contract';
import type { Script, ScriptedEngine } from '../src/test/scripted-engine';
import { aChange, aGroupOf, aPerson, aSession } from '../src/test/scripted-engine';
import type { Story, StoryPage } from './story';

/** Pictures of times stay alike through a day: the stories play at noon. */
const NOON = new Date().setHours(12, 0, 0, 0);

const ada = aPerson();
const person = (n: number, loginName: string, displayName: string, change: Partial<Person> = {}) =>
	aPerson({ member: n.toString(16).padStart(32, '0'), loginName, displayName, ...change });
const malik = person(1, 'malik', 'Malik Benali', { verified: true });
const zoe = person(2, 'zoe', 'Zoë O’Hara');
const omar = person(3, 'omar', 'عمر الشريف');
const ines = person(4, 'ines', 'Inès', { identityChanged: true });
const ngozi = person(5, 'ngozi', 'Ngozi Adeyemi-Okonkwo');
const people = [malik, zoe, omar, ines, ngozi];

const as = (own: GroupRole): [Person, GroupRole][] => [
	[ada, own],
	[malik, 'owner'],
	[zoe, 'admin'],
	[omar, 'member'],
	[ngozi, 'readOnly'],
];
const many = Array.from({ length: 299 }, (_, n): [Person, GroupRole] => [
	person(1000 + n, `person${n}`, `Person ${n + 1}`),
	n === 0 ? 'owner' : n < 4 ? 'admin' : 'member',
]);

let seq = 0;
const item = (sender: Person, minutes: number, body: Item['body']): Item => {
	seq += 1;
	const own = sender === ada;
	const time = NOON - minutes * 60_000;
	return {
		key: `g${seq}`,
		seq,
		sender: sender.member,
		senderName: sender.displayName,
		own,
		time,
		serverTime: time,
		expires: 0,
		body,
		state: own && body.is === 'text' ? 'read' : null,
	};
};
const happened: Item[] = [
	item(malik, 90, { is: 'created' }),
	item(malik, 89, aChange({ added: ['Ada Lovelace', 'Zoë O’Hara', 'عمر الشريف'], historyAll: true })),
	item(malik, 88, { is: 'title', title: 'Desk' }),
	item(malik, 80, { is: 'text', text: 'Welcome. Everything about the port goes here.' }),
	item(malik, 70, aChange({ roles: [{ name: 'Ada Lovelace', role: 'admin' }] })),
	item(ada, 60, aChange({ added: many.map(([one]) => one.displayName), removed: ['Inès'] })),
	item(
		ada,
		50,
		aChange({
			roles: [
				{ name: 'Zoë O’Hara', role: 'admin' },
				{ name: 'عمر الشريف', role: 'admin' },
				{ name: 'Ngozi', role: 'readOnly' },
			],
			announcements: true,
			historyAll: false,
		}),
	),
	item(ada, 40, { is: 'title', title: 'المكتب' }),
	item(ada, 35, { is: 'picture', takenAway: false }),
	item(zoe, 30, { is: 'text', text: 'Noted.' }),
	item(malik, 20, { is: 'left' }),
	item(zoe, 20, aChange({ left: true, roles: [{ name: 'Zoë O’Hara', role: 'admin' }] })),
	item(ngozi, 10, { is: 'accountClosed' }),
];

interface Setting {
	conversation?: Partial<Conversation>;
	group?: Partial<Group>;
	state?: Partial<State>;
	script?: Script;
	with?: [Person, GroupRole][];
}

function desk(own: GroupRole, { conversation, group, state, script, with: whom }: Setting = {}) {
	const one = aGroupOf(whom ?? as(own), { title: 'Desk', ...conversation }, group);
	const last = { time: NOON - 30 * 60_000, text: 'Noted.', own: false, state: null };
	return {
		script: {
			timeline: () => ({ items: happened, older: false, olderOnServer: false, newer: false }),
			onCommand: answer(),
			...script,
			state: { session: aSession(), conversations: [{ ...one, last }], ...state },
		},
	};
}

/** Finds people; all else is done, or fails as `fail` says. */
function answer(fail: (command: Command, engine: ScriptedEngine) => boolean = () => false) {
	return (command: Command, engine: ScriptedEngine): void => {
		if (command.do === 'findPeople') {
			const fits = people.filter((one) => one.loginName.startsWith(command.query));
			engine.emit({ is: 'people', people: [ada, ...fits] });
		} else if (!fail(command, engine)) engine.emit({ is: 'done', doing: command.do });
	};
}
const never = answer((command) => ['setRules', 'setRole', 'createGroup', 'addMembers'].includes(command.do));

/** A picture that is drawn when it is asked for. */
async function waves(): Promise<Uint8Array | null> {
	const canvas = new OffscreenCanvas(256, 256);
	const context = canvas.getContext('2d');
	if (!context) return null;
	for (let y = 0; y < 256; y += 1) {
		context.fillStyle = `hsl(${190 + 30 * Math.sin(y / 12)} 70% ${35 + y / 8}%)`;
		context.fillRect(0, y, 256, 1);
	}
	const blob = await canvas.convertToBlob({ type: 'image/jpeg' });
	return new Uint8Array(await blob.arrayBuffer());
}

const path = `/c/${aGroupOf([]).conversation}`;
const details = `${path}/details`;
const choosesTwo = async (page: StoryPage) => {
	await page.pick(/Malik/);
	await page.pick(/Zoë/);
};
const names = async (page: StoryPage) => {
	await choosesTwo(page);
	await page.press(/^(Next|Suivant)$/);
	await page.see(/^(Name the group|Nommer le groupe)$/);
};
const create = /^(Create the group|Créer le groupe)$/;

export const stories: Story[] = [
	{ id: 'group/choosing', path: '/new/group', ...desk('member'), steps: choosesTwo },
	{ id: 'group/choosing-none', path: '/new/group', ...desk('member') },
	{
		id: 'group/choosing-nobody',
		path: '/new/group',
		...desk('member'),
		steps: async (page) => {
			await choosesTwo(page);
			await page.fill(/^(Search people|Chercher des personnes)/, 'qq');
		},
	},
	{ id: 'group/naming', path: '/new/group', ...desk('member'), steps: names },
	{
		id: 'group/naming-too-long',
		path: '/new/group',
		...desk('member'),
		steps: async (page) => {
			await names(page);
			await page.fill(
				/^(Name of the|Nom du) /,
				'Desk of the port and of everything else around it, '.repeat(2),
			);
			await page.press(create);
		},
	},
	{
		id: 'group/creating',
		path: '/new/group',
		...desk('member', { script: { onCommand: never } }),
		steps: async (page) => {
			await names(page);
			await page.press(create);
		},
	},
	{
		id: 'group/create-fails',
		path: '/new/group',
		...desk('member', {
			script: {
				onCommand: answer(({ do: doing }, engine) => {
					if (doing !== 'createGroup') return false;
					engine.emit({ is: 'failed', doing, failure: { is: 'identityChanged', member: ines.member } });
					return true;
				}),
			},
		}),
		steps: async (page) => {
			await page.pick(/Inès/);
			await names(page);
			await page.press(create);
		},
	},

	{ id: 'group/details-admin', path: details, ...desk('admin') },
	{ id: 'group/details-member', path: details, ...desk('member') },
	{
		id: 'group/details-picture',
		path: details,
		...desk('admin', { group: { picture: 'waves' }, script: { picture: waves } }),
	},
	{
		id: 'group/details-picture-member',
		path: details,
		...desk('member', { group: { picture: 'waves' }, script: { picture: waves } }),
	},
	{
		id: 'group/picture',
		path,
		...desk('member', { group: { picture: 'waves' }, script: { picture: waves } }),
	},
	{
		id: 'group/details-announcements',
		path: details,
		...desk('readOnly', { group: { announcements: true, historyAll: true, mayWrite: false } }),
	},
	{
		id: 'group/details-many',
		path: details,
		...desk('admin', { with: [[ada, 'admin'], ...many, [ines, 'member']] }),
	},
	{
		id: 'group/details-pending',
		path: details,
		...desk('admin', { group: { changing: true }, script: { onCommand: never } }),
		steps: async (page) => {
			await page.flip(/^(Only admins|Seuls les)/);
			await page.press(/^(What to do with|Que faire avec) .*Zoë/);
			await page.choose(/^(Make read-only|Mettre en lecture seule)$/);
		},
	},
	{
		id: 'group/details-refused',
		path: details,
		...desk('admin', {
			script: {
				onCommand: answer(({ do: doing }, engine) => {
					if (doing !== 'setRules' && doing !== 'setRole') return false;
					const is = doing === 'setRules' ? 'offline' : 'notAllowed';
					engine.emit({ is: 'failed', doing, failure: { is } });
					return true;
				}),
			},
		}),
		steps: async (page) => {
			await page.press(/^(What to do with|Que faire avec) .*Zoë/);
			await page.choose(/^(Make read-only|Mettre en lecture seule)$/);
		},
	},
	{
		id: 'group/menu',
		path: details,
		...desk('admin'),
		steps: (page) => page.press(/^(What to|Que faire) .*Zoë/),
	},
	{
		id: 'group/remove',
		path: details,
		...desk('admin'),
		steps: async (page) => {
			await page.press(/^(What to|Que faire) .*Zoë/);
			await page.choose(/^(Remove from|Retirer du)/);
		},
	},
	{
		id: 'group/step-down',
		path: details,
		...desk('admin', {
			script: {
				onCommand: answer(({ do: doing }, engine) => {
					if (doing !== 'setRole') return false;
					engine.emit({ is: 'failed', doing, failure: { is: 'lastAdmin' } });
					return true;
				}),
			},
		}),
		steps: async (page) => {
			await page.press(/^(Your role|Votre rôle)$/);
			await page.choose(/^(Stop being|Ne plus)/);
			await page.press(/^(Stop being|Ne plus)/);
		},
	},
	{
		id: 'group/leave',
		path: details,
		...desk('member'),
		steps: (page) => page.press(/^(Leave the|Quitter le) /),
	},
	{
		id: 'group/leave-last-admin',
		path: details,
		...desk('owner', {
			script: {
				onCommand: answer(({ do: doing }, engine) => {
					if (doing !== 'leaveGroup') return false;
					engine.emit({ is: 'failed', doing, failure: { is: 'offline' } });
					return true;
				}),
			},
		}),
		steps: async (page) => {
			await page.press(/^(Leave the|Quitter le) /);
			await page.press(/^(Leave|Quitter)$/);
		},
	},
	{
		id: 'group/rename',
		path: details,
		...desk('admin', {
			script: {
				onCommand: answer(({ do: doing }, engine) => {
					if (doing !== 'setTitle') return false;
					engine.emit({ is: 'failed', doing, failure: { is: 'name', message: 'bad' } });
					return true;
				}),
			},
		}),
		steps: async (page) => {
			await page.press(/^(Rename|Renommer)/);
			await page.fill(/^(Name of the|Nom du) /, 'Desk \u00ad');
			await page.press(/^(Save|Enregistrer)$/);
		},
	},
	{
		id: 'group/add',
		path: details,
		...desk('admin', { with: as('admin').slice(0, 2) }),
		steps: async (page) => {
			await page.press(/^(Add people|Ajouter des personnes)$/);
			await page.pick(/Zoë/);
			await page.pick(/عمر/);
		},
	},
	{
		id: 'group/add-fails',
		path: details,
		...desk('admin', {
			with: as('admin').slice(0, 2),
			group: { historyAll: true },
			script: {
				onCommand: answer(({ do: doing }, engine) => {
					if (doing !== 'addMembers') return false;
					const failure = {
						is: 'server',
						code: 'key_packages_exhausted',
						message: '',
						retryable: false,
						retryAfterMs: null,
					} as const;
					engine.emit({ is: 'failed', doing, failure });
					return true;
				}),
			},
		}),
		steps: async (page) => {
			await page.press(/^(Add people|Ajouter des personnes)$/);
			await page.pick(/Zoë/);
			await page.press(/^(Add 1|Ajouter 1)/);
		},
	},

	{ id: 'group/rows', path, ...desk('admin') },
	{
		id: 'group/only-admins-write',
		path,
		...desk('member', { group: { announcements: true, mayWrite: false }, conversation: { draft: 'Kept.' } }),
	},
	{ id: 'group/reading', path, ...desk('readOnly', { group: { mayWrite: false } }) },
	{
		id: 'group/gone',
		path: details,
		...desk('member', { conversation: { gone: true }, group: { mayWrite: false } }),
	},
];
