import { screen, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import { renderApp } from '../../test/render';
import { aSession } from '../../test/scripted-engine';

const NEW = { organisation: '', setUpNeeded: true, unaudited: true, version: '0.1.0' } as const;

/** At the step where the first admin invites. */
async function founded() {
	const app = await renderApp(
		'/start',
		{ state: { server: NEW } },
		{ arrival: { invitation: null, code: 'X', reset: null } },
	);
	const { engine, user } = app;
	await user.type(await screen.findByLabelText(/Organisation|organisation/), 'JSP');
	await user.click(screen.getByRole('button', { name: 'Continue' }));
	await user.type(await screen.findByLabelText('Your name'), 'Ada');
	await user.click(screen.getByRole('button', { name: 'Continue' }));
	await user.click(await screen.findByRole('checkbox', { name: /written it down/ }));
	await user.click(screen.getByRole('button', { name: /Found|Create/ }));
	await screen.findByRole('button', { name: 'Start talking' });
	engine.become({ session: aSession() });
	engine.emit({ is: 'signedIn', session: aSession() });
	return app;
}

it('offers the first admin an app lock, and goes on from there', async () => {
	const { user, router, store } = await founded();
	await user.click(screen.getByRole('button', { name: /app lock/i }));
	await user.type(await screen.findByLabelText(/Unlock|lock/i), 'open, sesame');
	await user.keyboard('{Enter}');
	await waitFor(() => expect(router.state.location.pathname).toBe('/'));
	expect(store.getState().storage.appLock).toBe(true);
});

it('does without it as well', async () => {
	const { user, router } = await founded();
	await user.click(screen.getByRole('button', { name: 'Start talking' }));
	await waitFor(() => expect(router.state.location.pathname).toBe('/'));
});
