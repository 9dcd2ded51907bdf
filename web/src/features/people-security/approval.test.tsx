import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { WaitingSignIn } from '../../engine/contract';
import { renderApp } from '../../test/render';
import { aSession, type Script } from '../../test/scripted-engine';

const one = (device: string, asked: number, change: Partial<WaitingSignIn> = {}): WaitingSignIn => ({
	device,
	name: `Device ${device}`,
	asked,
	step: 'asked',
	...change,
});
const asking = (...waiting: WaitingSignIn[]): Script => ({
	state: { session: aSession(), approvals: { required: true, waiting } },
});
const dialog = () => screen.findByRole('alertdialog');
const press = (name: string) => within(screen.getByRole('alertdialog')).getByRole('button', { name });

describe('sign-ins that wait', () => {
	it('can each be opened, the newest at first', async () => {
		const { engine, user } = await renderApp(
			'/settings/about',
			asking(one('d1', 10), one('d3', 30), one('d2', 20)),
		);
		await within(await dialog()).findByText('Device d3');
		await user.click(press('Look Device d1'));
		await user.click(press('It’s me: show the code'));
		await waitFor(() => expect(engine.commands).toContainEqual({ do: 'claimApproval', device: 'd1' }));
		within(screen.getByRole('alertdialog')).getByText(/2 more sign-ins wait/);
	});

	it('are opened from the list of devices, each its own', async () => {
		const { user } = await renderApp('/settings/devices', asking(one('d1', 10), one('d2', 20)));
		await dialog();
		await user.click(press('Later'));
		await user.click(await screen.findByRole('button', { name: 'Look Device d1' }));
		expect((await dialog()).querySelector('strong')?.textContent).toBe('Device d1');
	});

	it('have their code read digit by digit, and answers that can’t be pressed by the press before', async () => {
		const { engine, user } = await renderApp('/settings/about', asking(one('d1', 10)));
		await dialog();
		await user.click(press('It’s me: show the code'));
		const waiting = [one('d1', 10, { step: 'code', code: '123 456 789' })];
		engine.emit({ is: 'approvals', approvals: { required: true, waiting } });
		const code = await screen.findByText('Code: 1 2 3, 4 5 6, 7 8 9');
		expect(document.activeElement).toBe(code.parentElement);
		expect(press('They are the same')).toHaveProperty('disabled', true);
		expect(press('They differ')).toHaveProperty('disabled', true);
	});

	it('of which one was refused as somebody may stand between are followed by other words', async () => {
		const { user } = await renderApp('/settings/about', asking(one('d1', 10, { step: 'differs' })));
		await dialog();
		await user.click(press('Refuse it'));
		await screen.findByText(/another one, such as that of a phone/);
		expect(screen.queryByText(/knows your passphrase/)).toBeNull();
		await user.click(press('I understand'));
	});
});

describe('how new sign-ins are told', () => {
	const level = (name: string) => screen.findByRole('radio', { name });

	it('is chosen without being led away, and goes on by a button', async () => {
		const { engine, user, router } = await renderApp('/settings/devices', {
			state: { session: aSession() },
		});
		await user.click(await level('Ask me first'));
		expect(router.state.location.pathname).toBe('/settings/devices');
		await user.click(await screen.findByRole('button', { name: 'Continue' }));
		await waitFor(() => expect(router.state.location.pathname).toBe('/settings/approval'));
		expect(engine.commands.map((command) => command.do)).not.toContain('saveSettings');
	});

	it('stays as it was until the passphrase has been given', async () => {
		const { engine, user, router, store } = await renderApp('/settings/devices', asking());
		await user.click(await level('Only list it'));
		await user.click(await screen.findByRole('button', { name: 'Continue' }));
		await waitFor(() => expect(router.state.location.search).toEqual({ after: 'off' }));
		expect(store.getState().settings.signInNotices).toBe(true);
		expect(engine.commands.map((command) => command.do)).not.toContain('saveSettings');
	});

	it('is saved at once where it takes no passphrase', async () => {
		const { user, store } = await renderApp('/settings/devices', { state: { session: aSession() } });
		await user.click(await level('Only list it'));
		expect(store.getState().settings.signInNotices).toBe(false);
		expect(screen.queryByRole('button', { name: 'Continue' })).toBeNull();
	});
});

describe('a sign-in here that waits', () => {
	it('is given up when the page goes', async () => {
		const { engine } = await renderApp('/sign-in');
		await screen.findByRole('button', { name: 'Sign in' });
		engine.emit({ is: 'signInApproval', approval: { letIn: false } });
		await screen.findByText(/your request is given up/);
		window.dispatchEvent(new Event('pagehide'));
		expect(engine.commands).toContainEqual({ do: 'cancelSignIn' });
	});
});
