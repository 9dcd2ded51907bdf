import { waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../engine/contract';
import { renderApp } from '../../test/render';
import { aConversation, aPerson, aSession, type ScriptedEngine } from '../../test/scripted-engine';

const me = aPerson();
const malik = aPerson({ member: 'b2', loginName: 'malik', displayName: 'Malik' });
const zoe = aPerson({ member: 'b3', loginName: 'zoe', displayName: 'Zoë' });
const first = aConversation({ conversation: 'c1', title: 'Malik', members: [me, malik] });
const second = aConversation({ conversation: 'c2', title: 'Zoë', members: [me, zoe], unread: 2 });
const state = { session: aSession(), conversations: [first, second] };

const asked = (engine: ScriptedEngine, name: Command['do']) =>
	engine.commands.filter((one) => one.do === name);

describe('writing', () => {
	it('sends with Enter, keeps the line with Shift, and saves what is not sent', async () => {
		const { engine, user, findByRole } = await renderApp('/c/c1', { state });
		const field = await findByRole('textbox', { name: 'Message to Malik' });
		await user.type(field, 'one{Shift>}{Enter}{/Shift}two{Enter}');
		expect(asked(engine, 'sendText')).toEqual([{ do: 'sendText', conversation: 'c1', text: 'one\ntwo' }]);
		expect(field).toHaveProperty('value', '');
		await user.type(field, 'later');
		await user.click(await findByRole('link', { name: /^Zoë/ }));
		await findByRole('textbox', { name: 'Message to Zoë' });
		expect(asked(engine, 'saveDraft').at(-1)).toEqual({ do: 'saveDraft', conversation: 'c1', text: 'later' });
	});

	it('sends with Ctrl and Enter where that was chosen', async () => {
		const settings = {
			language: 'en',
			theme: 'system',
			enterSends: false,
			receipts: true,
			recoveryReminded: false,
			signInNotices: true,
		} as const;
		const { engine, user, findByRole } = await renderApp('/c/c1', { state: { ...state, settings } });
		const field = await findByRole('textbox', { name: 'Message to Malik' });
		await user.type(field, 'one{Enter}two');
		expect(asked(engine, 'sendText')).toEqual([]);
		await user.type(field, '{Control>}{Enter}{/Control}');
		expect(asked(engine, 'sendText')).toEqual([{ do: 'sendText', conversation: 'c1', text: 'one\ntwo' }]);
	});

	it('begins with the draft, and says that it is too long before anything is sent', async () => {
		const draft = 'é'.repeat(9000);
		const conversations = [{ ...first, draft }];
		const { engine, user, findByRole, findByText } = await renderApp('/c/c1', {
			state: { ...state, conversations },
		});
		const field = await findByRole('textbox', { name: 'Message to Malik' });
		expect(field).toHaveProperty('value', draft);
		await findByText(/^Too long: 18,000 of 16,384/);
		expect(await findByRole('button', { name: 'Send' })).toHaveProperty('disabled', true);
		await user.type(field, '{Enter}');
		expect(asked(engine, 'sendText')).toEqual([]);
	});

	it('goes on while the server takes nothing', async () => {
		const connection = { is: 'readOnly', reason: 'disk full' } as const;
		const { engine, user, findByRole, findByText } = await renderApp('/c/c1', {
			state: { ...state, connection },
		});
		await user.type(await findByRole('textbox', { name: 'Message to Malik' }), 'hello');
		await findByText(/waits here and goes out later/);
		await user.keyboard('{Enter}');
		expect(asked(engine, 'sendText')).toHaveLength(1);
	});
});

describe('words that could not be sent', () => {
	it('stand in the field again, and once only', async () => {
		const onCommand = ({ do: doing }: Command, engine: ScriptedEngine) => {
			if (doing === 'sendText') engine.emit({ is: 'failed', doing, failure: { is: 'text' } });
		};
		const { engine, user, findByRole, queryByRole } = await renderApp('/c/c1', { state, onCommand });
		await user.type(await findByRole('textbox', { name: 'Message to Malik' }), 'hello{Enter}');
		await waitFor(async () =>
			expect(await findByRole('textbox', { name: 'Message to Malik' })).toHaveProperty('value', 'hello'),
		);
		// something else stands in place of the field for a while
		engine.emit({ is: 'conversations', conversations: [{ ...first, draft: 'hello', ready: false }] });
		await waitFor(() => expect(queryByRole('textbox', { name: 'Message to Malik' })).toBeNull());
		engine.emit({ is: 'conversations', conversations: [{ ...first, draft: 'hello' }] });
		expect(await findByRole('textbox', { name: 'Message to Malik' })).toHaveProperty('value', 'hello');
	});
});

describe('what stops writing', () => {
	it('is a changed identity, with a way to look at it', async () => {
		const members = [me, { ...malik, identityChanged: true }];
		const script = { state: { ...state, conversations: [{ ...first, members }] } };
		const { user, store, findByRole, queryByRole } = await renderApp('/c/c1', script);
		await user.click(await findByRole('button', { name: 'Review' }));
		expect(queryByRole('textbox', { name: /Message to/ })).toBeNull();
		expect(store.getState().identityChanged).toEqual(['b2']);
	});

	it.each([
		['gone', /no longer in this conversation/],
		['broken', /nothing can be written/],
		['restoring', /access is being restored/],
	] as const)('is a conversation that is %s', async (what, words) => {
		const script = { state: { ...state, conversations: [{ ...first, [what]: true }] } };
		const { findByText, queryByRole } = await renderApp('/c/c1', script);
		expect((await findByText(words)).textContent).toMatch(words);
		expect(queryByRole('textbox', { name: /Message to/ })).toBeNull();
	});

	it('is not said to be empty where nobody can know', async () => {
		const restoring = { ...first, ready: false, restoring: true };
		const closed = await renderApp('/c/c1', { state: { ...state, conversations: [restoring] } });
		await closed.findByText(/access is being restored/);
		expect(closed.queryByText(/Write the first message/)).toBeNull();
		closed.unmount();
		const open = await renderApp('/c/c1', { state });
		await open.findByText(/Write the first message/);
	});
});

describe('the list', () => {
	it('shows names as text, whatever they hold', async () => {
		const title = '<img src=x onerror=alert(1)>\u202egnp';
		const { findByRole, container } = await renderApp('/', {
			state: { ...state, conversations: [{ ...first, title }] },
		});
		const row = await findByRole('link', { name: /onerror/ });
		expect(row.textContent).toContain('<img src=x onerror=alert(1)>gnp');
		expect(container.querySelector('img')).toBeNull();
	});

	it('is filtered by what is typed, and Enter opens the first', async () => {
		const { user, router, findByRole, queryByRole } = await renderApp('/', { state });
		await user.type(await findByRole('searchbox', { name: 'Search conversations' }), 'zoe{Enter}');
		expect(queryByRole('link', { name: /^Malik/ })).toBeNull();
		await findByRole('textbox', { name: 'Message to Zoë' });
		expect(router.state.location.pathname).toBe('/c/c2');
	});

	it('tells admins to invite, and members to write', async () => {
		const admin = await renderApp('/', { state: { session: aSession() } });
		await admin.findByRole('link', { name: 'Invite people' });
		admin.unmount();
		const member = await renderApp('/', { state: { session: aSession({ role: 'member' }) } });
		await member.findByRole('link', { name: 'Start a conversation' });
		expect(member.queryByRole('link', { name: 'Invite people' })).toBeNull();
	});
});

describe('the keyboard', () => {
	it('steps through conversations, to what is unread, and back', async () => {
		const { user, router, findByRole } = await renderApp('/', { state });
		await findByRole('link', { name: /^Malik/ });
		await user.keyboard('{Alt>}{ArrowDown}{/Alt}');
		await findByRole('textbox', { name: 'Message to Malik' });
		await user.keyboard('{Alt>}{Shift>}{ArrowDown}{/Shift}{/Alt}');
		await findByRole('textbox', { name: 'Message to Zoë' });
		await user.keyboard('{Escape}');
		expect(router.state.location.pathname).toBe('/');
	});

	it('finds the search, the list of shortcuts, and anything by name', async () => {
		const { user, router, findByRole, queryByRole } = await renderApp('/', { state });
		await findByRole('link', { name: /^Malik/ });
		await user.keyboard('/');
		expect(document.activeElement).toBe(await findByRole('searchbox', { name: 'Search conversations' }));
		(document.activeElement as HTMLElement).blur();
		await user.keyboard('?');
		await findByRole('dialog', { name: 'Keyboard shortcuts' });
		await user.keyboard('{Escape}');
		await user.keyboard('{Control>}k{/Control}');
		await findByRole('dialog', { name: 'Go to' });
		// browsers put the focus there; happy-dom does not let react-aria see that it is there
		await user.click(await findByRole('searchbox', { name: /^Go to a conversation/ }));
		await user.keyboard('zo');
		await findByRole('option', { name: /Zoë/ });
		expect(queryByRole('option', { name: /Malik/ })).toBeNull();
		await user.keyboard('{ArrowDown}{Enter}');
		await findByRole('textbox', { name: 'Message to Zoë' });
		expect(router.state.location.pathname).toBe('/c/c2');
	});
});

describe('a new conversation', () => {
	const onCommand = (command: Command, engine: ScriptedEngine) => {
		if (command.do === 'findPeople') engine.emit({ is: 'people', people: [me, malik] });
		if (command.do === 'openDirect') engine.emit({ is: 'opened', conversation: 'c1' });
		engine.emit({ is: 'done', doing: command.do });
	};

	it('is opened with whoever is chosen; oneself is not offered', async () => {
		const { engine, user, router, findByRole, queryByRole } = await renderApp('/new', { state, onCommand });
		await user.click(await findByRole('option', { name: /Malik/ }));
		await findByRole('textbox', { name: 'Message to Malik' });
		expect(queryByRole('option', { name: /Ada/ })).toBeNull();
		expect(asked(engine, 'openDirect')).toEqual([{ do: 'openDirect', member: 'b2' }]);
		expect(router.state.location.pathname).toBe('/c/c1');
	});

	it('says what went wrong', async () => {
		const failing = (command: Command, engine: ScriptedEngine) => {
			if (command.do !== 'openDirect') return onCommand(command, engine);
			engine.emit({ is: 'failed', doing: 'openDirect', failure: { is: 'noPerson' } });
		};
		const { user, findByRole } = await renderApp('/new', { state, onCommand: failing });
		await user.click(await findByRole('option', { name: /Malik/ }));
		await findByRole('alert');
	});
});
