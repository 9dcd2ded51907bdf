import { screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderApp } from '../../test/render';
import { aConversation, aSession } from '../../test/scripted-engine';

const state = { session: aSession(), conversations: [aConversation()] };

describe.each(['/', '/settings/profile', '/settings/devices', `/verify/${'b2'.repeat(16)}`])(
	'at %s',
	(path) => {
		it('one can go elsewhere and look the shortcuts up', async () => {
			const { user } = await renderApp(path, { state });
			await screen.findAllByRole('heading', { level: 1 });
			await user.keyboard('{Control>}k{/Control}');
			await screen.findByRole('dialog', { name: 'Go to' });
			await user.keyboard('{Escape}');
			await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
			await user.keyboard('?');
			await screen.findByRole('dialog', { name: 'Keyboard shortcuts' });
		});
	},
);

it('a key that is text is text in a field', async () => {
	const { user } = await renderApp('/settings/profile', { state });
	await user.type(await screen.findByLabelText('Your name'), '?');
	expect(screen.queryByRole('dialog')).toBeNull();
});

it('what interrupts keeps its keys to itself', async () => {
	const { engine, user } = await renderApp('/settings/profile', { state });
	engine.emit({ is: 'notices', signIns: [{ device: 'd9', name: 'Firefox', time: 1 }] });
	await screen.findByRole('alertdialog');
	await user.keyboard('?');
	await user.keyboard('{Control>}k{/Control}');
	expect(screen.queryByRole('dialog')).toBeNull();
});

it('nobody who is not signed in goes anywhere', async () => {
	const { user } = await renderApp('/sign-in');
	await screen.findByRole('heading', { level: 1, name: 'Sign in' });
	await user.click(screen.getByRole('heading', { level: 1 }));
	await user.keyboard('{Control>}k{/Control}');
	expect(screen.queryByRole('dialog')).toBeNull();
});
