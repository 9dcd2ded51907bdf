import { waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Command, Group, GroupRole, Person } from '../../engine/contract';
import { renderApp } from '../../test/render';
import { aGroupOf, aPerson, aSession, type Script, type ScriptedEngine } from '../../test/scripted-engine';

const me = aPerson({ displayName: 'Ada' });
const malik = aPerson({ member: 'b2', loginName: 'malik', displayName: 'Malik' });
const zoe = aPerson({ member: 'b3', loginName: 'zoe', displayName: 'Zoë' });
const omar = aPerson({ member: 'b4', loginName: 'omar', displayName: 'Omar' });

const asked = (engine: ScriptedEngine, what: Command['do']) =>
	engine.commands.filter((one) => one.do === what);

function answer(command: Command, engine: ScriptedEngine): void {
	if (command.do === 'findPeople') {
		const all = [me, malik, zoe, omar].filter((one) => one.loginName.startsWith(command.query));
		engine.emit({ is: 'people', people: all });
	} else if (command.do === 'createGroup') engine.emit({ is: 'opened', conversation: 'g1' });
	else engine.emit({ is: 'done', doing: command.do });
}

function group(own: GroupRole, change: Partial<Group> = {}, others: [Person, GroupRole][] = OTHERS) {
	const one = aGroupOf([[me, own], ...others], { conversation: 'g1', title: 'Desk' }, change);
	return { state: { session: aSession({ me }), conversations: [one] }, onCommand: answer } satisfies Script;
}
const OTHERS: [Person, GroupRole][] = [
	[malik, 'owner'],
	[zoe, 'member'],
];

/** A browser that can draw the file of this name, and no other. */
function drawOnly(name: string): void {
	vi.stubGlobal('createImageBitmap', async (file: File) => {
		if (file.name !== name) throw new Error('no picture');
		return { width: 2, height: 2, close: () => undefined };
	});
	const canvas = HTMLCanvasElement.prototype;
	vi.spyOn(canvas, 'getContext').mockReturnValue({ fillRect: vi.fn(), drawImage: vi.fn() } as never);
	vi.spyOn(canvas, 'toBlob').mockImplementation((made) =>
		made(new Blob([new Uint8Array([7, 8, 9])], { type: 'image/jpeg' })),
	);
}

afterEach(() => {
	vi.unstubAllGlobals();
	vi.restoreAllMocks();
});

describe('a new group', () => {
	it('is made of several people, who stay chosen while one searches', async () => {
		const { engine, user, router, findByRole, queryByRole } = await renderApp('/new', group('member'));
		await user.click(await findByRole('link', { name: /^New group/ }));
		await user.click(await findByRole('option', { name: /Malik/ }));
		expect(queryByRole('option', { name: /Ada/ })).toBeNull();
		await user.type(await findByRole('searchbox', { name: 'Search people by name' }), 'zoe');
		await waitFor(() => expect(queryByRole('option', { name: /Malik/ })).toBeNull());
		await user.click(await findByRole('option', { name: /Zoë/ }));
		const chosen = await findByRole('grid', { name: '2 people chosen' });
		expect(
			within(chosen)
				.getAllByRole('row')
				.map((row) => row.textContent),
		).toEqual(['Malik', 'Zoë']);
		await user.click(await findByRole('button', { name: 'Next' }));
		await user.type(await findByRole('textbox', { name: 'Name of the group' }), 'Desk{Enter}');
		await findByRole('textbox', { name: 'Message to Desk' });
		expect(asked(engine, 'createGroup')).toEqual([
			{ do: 'createGroup', title: 'Desk', members: ['b2', 'b3'] },
		]);
		expect(router.state.location.pathname).toBe('/c/g1');
	});

	it('lets somebody go by their chip, and goes nowhere with nobody', async () => {
		const { user, findByRole, queryByRole } = await renderApp('/new/group', group('member'));
		await user.click(await findByRole('option', { name: /Malik/ }));
		await user.click(await findByRole('button', { name: /Remove/ }));
		await waitFor(() => expect(queryByRole('grid')).toBeNull());
		expect(await findByRole('button', { name: 'Next' })).toHaveProperty('disabled', true);
	});

	it('goes back step by step, and keeps who was chosen', async () => {
		const { user, router, findByRole } = await renderApp('/new/group', group('member'));
		await user.click(await findByRole('option', { name: /Malik/ }));
		await user.click(await findByRole('button', { name: 'Next' }));
		await findByRole('heading', { name: 'Name the group' });
		await user.keyboard('{Escape}');
		await findByRole('grid', { name: '1 person chosen' });
		expect(router.state.location.pathname).toBe('/new/group');
	});

	it('begins with the people where only its second step was asked for', async () => {
		const { router, findByRole } = await renderApp('/new/group/name', group('member'));
		await findByRole('option', { name: /Malik/ });
		await waitFor(() => expect(router.state.location.pathname).toBe('/new/group'));
	});

	it('says in its own words that a name is not allowed', async () => {
		const onCommand = (command: Command, engine: ScriptedEngine) => {
			if (command.do !== 'createGroup') return answer(command, engine);
			engine.emit({ is: 'failed', doing: 'createGroup', failure: { is: 'name', message: 'odd words' } });
		};
		const script = { ...group('member'), onCommand };
		const { user, findByRole, findByText, queryByText } = await renderApp('/new/group', script);
		await user.click(await findByRole('option', { name: /Malik/ }));
		await user.click(await findByRole('button', { name: 'Next' }));
		await user.click(await findByRole('button', { name: 'Create the group' }));
		await findByText(/^That name can’t be used/);
		expect(queryByText(/odd words/)).toBeNull();
	});
});

describe('the details of a group', () => {
	const open = (script: Script) => renderApp('/c/g1/details', script);

	it('offer members nothing to change, and say the rules', async () => {
		const { findByText, queryByRole } = await open(group('member', { announcements: true }));
		await findByText('Only admins write here.');
		await findByText('New members see what is written after they joined.');
		for (const name of [/^Add people/, /^Rename/, /^What to do with/, 'Your role'])
			expect(queryByRole('button', { name })).toBeNull();
		expect(queryByRole('switch')).toBeNull();
	});

	it('offer admins what they may do with each, and nothing with the owner', async () => {
		const { user, findByRole, getAllByRole, queryByRole } = await open(group('admin'));
		await user.click(await findByRole('button', { name: /What to do with .Zoë/ }));
		expect(getAllByRole('menuitem').map((one) => one.textContent)).toEqual([
			'Make an admin',
			'Make read-only',
			'Remove from the group…',
		]);
		expect(queryByRole('button', { name: /What to do with .Malik/ })).toBeNull();
	});

	it('change a role at once', async () => {
		const { engine, user, findByRole } = await open(group('admin'));
		await user.click(await findByRole('button', { name: /What to do with .Zoë/ }));
		await user.click(await findByRole('menuitem', { name: 'Make an admin' }));
		await waitFor(() =>
			expect(asked(engine, 'setRole')).toEqual([
				{ do: 'setRole', conversation: 'g1', member: 'b3', role: 'admin' },
			]),
		);
	});

	it('ask before somebody is removed', async () => {
		const { engine, user, findByRole, queryByRole } = await open(group('admin'));
		await user.click(await findByRole('button', { name: /What to do with .Zoë/ }));
		await user.click(await findByRole('menuitem', { name: /^Remove/ }));
		const dialog = await findByRole('alertdialog', { name: /Remove .Zoë/ });
		expect(asked(engine, 'removeMember')).toEqual([]);
		await user.click(within(dialog).getByRole('button', { name: 'Remove' }));
		await waitFor(() => expect(queryByRole('alertdialog')).toBeNull());
		expect(asked(engine, 'removeMember')).toEqual([{ do: 'removeMember', conversation: 'g1', member: 'b3' }]);
	});

	it('ask before one leaves, and say who follows the only admin', async () => {
		const { engine, user, findByRole, queryByRole, findByText } = await open(
			group('admin', {}, [[zoe, 'member']]),
		);
		await user.click(await findByRole('button', { name: /^Leave the group/ }));
		const dialog = await findByRole('alertdialog', { name: 'Leave this group?' });
		await findByText(/You are the only admin/);
		expect(asked(engine, 'leaveGroup')).toEqual([]);
		await user.click(within(dialog).getByRole('button', { name: 'Leave' }));
		await waitFor(() => expect(queryByRole('alertdialog')).toBeNull());
		expect(asked(engine, 'leaveGroup')).toEqual([{ do: 'leaveGroup', conversation: 'g1' }]);
	});

	it('offer no way out to those who are out', async () => {
		const script = group('member');
		const [one] = script.state.conversations;
		if (one) Object.assign(one, { gone: true, left: true });
		const { queryByRole, findByText } = await open(script);
		await findByText('You left this group. You can read what you have.');
		expect(queryByRole('button', { name: /^Leave the group/ })).toBeNull();
	});

	it('say where it belongs that something did not work', async () => {
		const onCommand = ({ do: doing }: Command, engine: ScriptedEngine) =>
			engine.emit({ is: 'failed', doing, failure: { is: 'offline' } });
		const { user, findByRole } = await open({ ...group('admin'), onCommand });
		const rule = await findByRole('switch', { name: 'Only admins write' });
		await user.click(rule);
		expect((await findByRole('alert')).textContent).toMatch(/no connection/);
		expect(rule).toHaveProperty('checked', false);
	});

	it('show a rule as it was chosen while it is being changed', async () => {
		const { engine, user, findByRole } = await open({ ...group('admin'), onCommand: () => undefined });
		const rule = await findByRole('switch', { name: 'Only admins write' });
		await user.click(rule);
		expect(rule).toHaveProperty('checked', true);
		await user.click(rule);
		expect(asked(engine, 'setRules')).toEqual([
			{ do: 'setRules', conversation: 'g1', announcements: true, historyAll: false },
		]);
	});

	it('give it another name', async () => {
		const { engine, user, findByRole, queryByRole } = await open(group('admin'));
		await user.click(await findByRole('button', { name: 'Rename the group' }));
		const field = await findByRole('textbox', { name: 'Name of the group' });
		expect(field).toHaveProperty('value', 'Desk');
		await user.clear(field);
		await user.click(await findByRole('button', { name: 'Save' }));
		expect((await findByRole('alert')).textContent).toBe('Write a name.');
		await user.type(field, 'Port{Enter}');
		await waitFor(() => expect(queryByRole('dialog')).toBeNull());
		expect(asked(engine, 'setTitle')).toEqual([{ do: 'setTitle', conversation: 'g1', title: 'Port' }]);
	});

	it('take a picture, say what is wrong with a file that is none, and send that nowhere', async () => {
		drawOnly('a.png');
		const shown = await open(group('admin'));
		const { engine, user, findByRole, findByText, container, queryByRole, queryByText } = shown;
		await findByRole('button', { name: 'Choose a picture' });
		expect(queryByRole('button', { name: 'Take the picture away' })).toBeNull();
		const field = container.querySelector<HTMLInputElement>('input[type=file]');
		if (!field) throw new Error('no field for the file');
		await user.upload(field, new File(['words'], 'words.png', { type: 'image/png' }));
		await findByText('That file can’t be read as a picture. Choose another one.');
		expect(asked(engine, 'setPicture')).toEqual([]);
		await user.upload(field, new File(['dots'], 'a.png', { type: 'image/png' }));
		const sent = { do: 'setPicture', conversation: 'g1', jpeg: new Uint8Array([7, 8, 9]) };
		await waitFor(() => expect(asked(engine, 'setPicture')).toEqual([sent]));
		await waitFor(() => expect(queryByText(/can’t be read as a picture/)).toBeNull());
	});

	it('take its picture away', async () => {
		const script = { ...group('admin', { picture: 'one' }), picture: async () => new Uint8Array([1]) };
		const { engine, user, findByRole } = await open(script);
		await findByRole('button', { name: 'Choose another picture' });
		await user.click(await findByRole('button', { name: 'Take the picture away' }));
		// the button that was pressed goes with the picture
		const choose = await findByRole('button', { name: 'Choose another picture' });
		await waitFor(() => expect(document.activeElement).toBe(choose));
		expect(asked(engine, 'setPicture')).toEqual([
			{ do: 'setPicture', conversation: 'g1', jpeg: new Uint8Array() },
		]);
	});

	it('show its picture to everybody, and let admins alone change it', async () => {
		const script = { ...group('member', { picture: 'one' }), picture: async () => new Uint8Array([1]) };
		const { container, queryByRole } = await open(script);
		// in the list, above the messages, and in the details
		await waitFor(() => expect(container.querySelectorAll('img[src^="blob:"]')).toHaveLength(3));
		expect(queryByRole('button', { name: /picture/ })).toBeNull();
	});

	it('leave no picture behind the app lock', async () => {
		const script = { ...group('member', { picture: 'one' }), picture: async () => new Uint8Array([1]) };
		const revoked = vi.spyOn(URL, 'revokeObjectURL');
		const { engine, container } = await open(script);
		await waitFor(() => expect(container.querySelectorAll('img[src^="blob:"]')).toHaveLength(3));
		engine.tellHealth({ is: 'locked' });
		await waitFor(() => expect(revoked).toHaveBeenCalledOnce());
	});

	it('add people who are not in it, and say what these will see', async () => {
		const { engine, user, findByRole, findByText, queryByRole } = await open(
			group('admin', { historyAll: true }),
		);
		await user.click(await findByRole('button', { name: 'Add people' }));
		await findByText(/^They will see earlier messages too/);
		await user.click(await findByRole('option', { name: /Omar/ }));
		expect(queryByRole('option', { name: /Zoë/ })).toBeNull();
		await user.click(await findByRole('button', { name: 'Add 1 person' }));
		await waitFor(() => expect(queryByRole('dialog')).toBeNull());
		expect(asked(engine, 'addMembers')).toEqual([{ do: 'addMembers', conversation: 'g1', members: ['b4'] }]);
	});

	it('show some of very many, and find the others', async () => {
		const many = Array.from({ length: 300 }, (_, n): [Person, GroupRole] => [
			aPerson({ member: `m${n}`, loginName: `p${n}`, displayName: `Person ${1000 + n}` }),
			'member',
		]);
		const { user, findByRole, getAllByRole } = await open(group('member', {}, many));
		const list = await findByRole('button', { name: 'Show 50 more' });
		expect(getAllByRole('link', { name: /^Verify/ })).toHaveLength(49);
		await user.click(list);
		expect(getAllByRole('link', { name: /^Verify/ })).toHaveLength(99);
		await user.type(await findByRole('searchbox', { name: 'Search the members' }), '1299');
		await waitFor(() => expect(getAllByRole('link', { name: /^Verify/ })).toHaveLength(1));
	});
});

describe('where one may not write', () => {
	it.each([
		['member', { announcements: true, mayWrite: false }, /^Only admins write here/],
		['readOnly', { mayWrite: false }, /^You can read here, not write/],
	] as const)('%s: a line says so', async (role, rules, words) => {
		const { findByText, queryByRole } = await renderApp('/c/g1', group(role, rules));
		await findByText(words);
		expect(queryByRole('textbox', { name: /Message to/ })).toBeNull();
	});
});
