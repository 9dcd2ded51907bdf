import { waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderApp } from '../../test/render';
import { aConversation, aGroupOf, aPerson, aSession, type Script } from '../../test/scripted-engine';

const me = aPerson();
const script = (change = {}): Script => ({
	state: { session: aSession({ me }), conversations: [aConversation({ conversation: 'c1', ...change })] },
	onCommand: (command, engine) => engine.emit({ is: 'done', doing: command.do as never }),
});

describe('disappearing messages', () => {
	it('are set by one of seven times, and it shows at once', async () => {
		const { engine, user, findByRole } = await renderApp('/c/c1/details', script());
		const group = await findByRole('radiogroup', { name: 'Disappearing messages' });
		const radios = within(group).getAllByRole('radio');
		expect(radios.map((one) => one.closest('label')?.textContent)).toEqual([
			'Off',
			'1 hour',
			'8 hours',
			'1 day',
			'1 week',
			'4 weeks',
			'1 year',
		]);
		await user.click(within(group).getByRole('radio', { name: '1 day' }));
		await waitFor(() =>
			expect(engine.commands).toContainEqual({ do: 'setTimer', conversation: 'c1', seconds: 86_400 }),
		);
	});

	it('say so in the header and at the field, and how far that goes', async () => {
		const { findAllByRole, findByText } = await renderApp('/c/c1/details', script({ timer: 3_600 }));
		expect(await findAllByRole('img', { name: 'New messages disappear after 1 hour' })).toHaveLength(2);
		await findByText(/others can copy or photograph/);
	});

	it('are said in words to those who can’t change them, also a time that another app has chosen', async () => {
		const group = aGroupOf([[me, 'member']], { conversation: 'c1', maySetTimer: false, timer: 7_200 });
		const { findByText, queryByRole } = await renderApp('/c/c1/details', {
			state: { session: aSession({ me }), conversations: [group] },
		});
		await findByText('New messages disappear after 2 hours.');
		expect(queryByRole('radiogroup', { name: 'Disappearing messages' })).toBeNull();
	});

	it('say where it belongs that it did not work', async () => {
		const { user, findByRole, findByText } = await renderApp('/c/c1/details', {
			...script(),
			onCommand: (command, engine) =>
				engine.emit({ is: 'failed', doing: command.do as never, failure: { is: 'offline' } }),
		});
		await user.click(await findByRole('radio', { name: '1 week' }));
		await findByText(/connection/i);
		const off = (await findByRole('radio', { name: 'Off' })) as HTMLInputElement;
		await waitFor(() => expect(off.checked).toBe(true));
	});
});
