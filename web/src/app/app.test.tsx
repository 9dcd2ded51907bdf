import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { renderApp } from '../test/render';
import { aConversation, aPerson, aSession, type Script } from '../test/scripted-engine';

const LINK = 'https://chat.example.org:7443/i#secret';
const NEW = { organisation: '', setUpNeeded: true, unaudited: true, version: '0.1.0' } as const;
const signedIn: Script = { state: { session: aSession(), conversations: [aConversation()] } };
const heading = (name: RegExp) => screen.findByRole('heading', { level: 1, name });

describe('where somebody comes to', () => {
	it('is the sign-in without a session', async () => {
		const { router } = await renderApp('/c/1234');
		await heading(/Sign in/);
		expect(router.state.location.pathname).toBe('/sign-in');
	});

	it('is the first run on a new server', async () => {
		const { router } = await renderApp('/', { state: { server: NEW } });
		await heading(/new server/);
		expect(router.state.location.pathname).toBe('/start');
	});

	it('is the conversations with a session', async () => {
		const { router } = await renderApp('/sign-in', signedIn);
		await waitFor(() => expect(router.state.location.pathname).toBe('/'));
	});

	it('is a choice when the server refuses this device', async () => {
		const { engine, user } = await renderApp('/', { state: { session: aSession(), signedOut: true } });
		await heading(/signed out/);
		await user.click(screen.getByRole('button', { name: /Remove everything/ }));
		expect(engine.wiped).toBe(false);
		await user.click(screen.getByRole('button', { name: /Really remove/ }));
		await waitFor(() => expect(engine.wiped).toBe(true));
		await heading(/Sign in/);
	});

	it('is the lock when one is set, and nothing else', async () => {
		await renderApp('/', { onOpen: () => ({ is: 'locked', wrong: false }) });
		await heading(/locked/);
		expect(screen.queryByText('Malik Benali')).toBeNull();
	});

	it('is help even when nothing else works', async () => {
		await renderApp('/help/lost', { health: { is: 'dead', message: 'x' } });
		await heading(/Lost passphrase/);
	});

	it('is a plain word for an address that leads nowhere', async () => {
		await renderApp('/nowhere', signedIn);
		await heading(/nothing here/);
	});
});

describe('the way of somebody who was invited', () => {
	it('leads from the link to the conversations', async () => {
		const { engine, user, router } = await renderApp(
			'/i',
			{},
			{ arrival: { invitation: LINK, code: null, reset: null } },
		);
		await heading(/invites you/);
		await screen.findByText(/Ada Lovelace\W invites you to \WJournalistes Sans Papiers/);
		await user.type(await screen.findByLabelText('Your name'), 'Zoë O’Hara');
		expect(screen.getByLabelText('Login name')).toHaveProperty('value', 'zoe.ohara');
		await user.click(screen.getByRole('button', { name: 'Continue' }));
		await heading(/Your passphrase/);
		await screen.findByText('orbit-velvet-canyon-ladder-sunset');
		await user.click(screen.getByRole('button', { name: 'Create my account' }));
		expect((await screen.findByRole('alert')).textContent).toMatch(/Write it down first/);
		await user.click(screen.getByRole('checkbox', { name: /written it down/ }));
		await user.click(screen.getByRole('button', { name: 'Create my account' }));
		await heading(/You are in/);
		expect(engine.commands.slice(0, 2)).toMatchObject([
			{ do: 'checkInvitation', invitation: LINK },
			{ do: 'register', invitation: LINK },
		]);
		engine.become({ session: aSession() });
		engine.emit({ is: 'signedIn', session: aSession() });
		await user.click(screen.getByRole('button', { name: 'Start talking' }));
		await waitFor(() => expect(router.state.location.pathname).toBe('/'));
	});

	it('can be begun by pasting the link', async () => {
		const { user } = await renderApp('/i');
		await user.type(await screen.findByLabelText('Invitation link'), LINK);
		await user.click(screen.getByRole('button', { name: 'Continue' }));
		await heading(/invites you/);
	});
});

describe('signing in', () => {
	it('says what is wrong without saying whether the name exists', async () => {
		const { user } = await renderApp('/sign-in', {
			onCommand: ({ do: doing }, engine) =>
				engine.emit({
					is: 'failed',
					doing,
					failure: {
						is: 'server',
						code: 'wrong_name_or_passphrase',
						message: 'no such member: ada',
						retryable: false,
						retryAfterMs: null,
					},
				}),
		});
		await user.type(await screen.findByLabelText('Login name'), 'ada');
		await user.type(screen.getByLabelText('Passphrase'), 'wrong{Enter}');
		const alert = await screen.findByRole('alert');
		expect(alert.textContent).toMatch(/^Name or passphrase is wrong/);
		expect(alert.textContent).not.toMatch(/ada/);
	});

	it('shows and hides the passphrase', async () => {
		const { user } = await renderApp('/sign-in');
		const field = await screen.findByLabelText('Passphrase');
		expect(field).toHaveProperty('type', 'password');
		await user.click(screen.getByRole('button', { name: 'Show' }));
		expect(field).toHaveProperty('type', 'text');
	});

	it('tells truthfully what takes its time', async () => {
		const { user, engine } = await renderApp('/sign-in', { onCommand: () => undefined });
		await user.type(await screen.findByLabelText('Login name'), 'ada');
		await user.type(screen.getByLabelText('Passphrase'), 'words{Enter}');
		await screen.findByText('Asking the server…');
		engine.emit({ is: 'progress', doing: 'signIn' });
		await screen.findByText('Unlocking your messages…');
	});

	it('changes its language at once', async () => {
		const { user } = await renderApp('/sign-in');
		await user.click(await screen.findByRole('radio', { name: 'Français' }));
		await heading(/Connexion/);
		expect(document.documentElement.lang).toBe('fr');
	});
});

describe('a sign-in elsewhere', () => {
	const notice = { device: 'd9', name: 'Chromium on Windows', time: 1_764_252_120_000 };

	it('interrupts, and is acknowledged', async () => {
		const { engine, user } = await renderApp('/', signedIn);
		engine.emit({ is: 'notices', signIns: [notice] });
		const dialog = await screen.findByRole('alertdialog');
		within(dialog).getByText('Chromium on Windows');
		await user.click(within(dialog).getByRole('button', { name: /that was me/ }));
		expect(engine.commands).toEqual([{ do: 'noticesSeen', signIns: [{ device: 'd9', time: notice.time }] }]);
		await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
	});

	it('says of a device that it went again', async () => {
		const { engine } = await renderApp('/', signedIn);
		engine.emit({ is: 'notices', signIns: [{ ...notice, signedOut: notice.time + 60_000 }] });
		await screen.findByText(/Signed out again/);
	});

	it('that was somebody else is signed out, and leads to the passphrase', async () => {
		const { engine, user, router } = await renderApp('/', signedIn);
		engine.emit({ is: 'notices', signIns: [notice] });
		await user.click(await screen.findByRole('button', { name: /not me/ }));
		await user.click(await screen.findByRole('button', { name: /Sign it out/ }));
		await waitFor(() => expect(router.state.location.pathname).toBe('/settings/passphrase'));
		expect(engine.commands.slice(0, 2)).toEqual([
			{ do: 'signOutDevice', device: 'd9' },
			{ do: 'noticesSeen', signIns: [{ device: 'd9', time: notice.time }] },
		]);
		expect(await screen.findByRole('radio', { name: /not sure/ })).toHaveProperty('checked', true);
	});
});

describe('a thief who signed in and made a recovery code', () => {
	const time = 1_764_252_120_000;
	const thief = { device: 'd9', name: 'Chromium on Windows', time };

	it.each([
		['one was not', /not me/],
		['one was oneself', /that was me/],
	])('is still told of after saying that the sign-in %s', async (_, answer) => {
		const { engine, user } = await renderApp('/', signedIn);
		const both = { passphraseChanged: time + 1, recoveryChanged: time + 2 };
		engine.emit({ is: 'notices', signIns: [thief], ...both });
		const dialog = await screen.findByRole('alertdialog');
		await user.click(within(dialog).getByRole('button', { name: answer }));
		const out = screen.queryByRole('button', { name: /Sign it out/ });
		if (out) await user.click(out);
		const seen = { do: 'noticesSeen', signIns: [{ device: 'd9', time }] };
		await waitFor(() => expect(engine.commands).toContainEqual(seen));
		engine.emit({ is: 'notices', signIns: [], ...both });
		await screen.findByText(/Your recovery code was changed/);
		await screen.findByText(/Your passphrase was changed on another device/);
	});
});

describe('a passphrase that was changed elsewhere', () => {
	it('is told until the person says that they know', async () => {
		const { engine, user } = await renderApp('/', signedIn);
		engine.emit({ is: 'notices', signIns: [], passphraseChanged: 1_764_252_120_000 });
		await screen.findByText(/Your passphrase was changed on another device/);
		expect(screen.getByRole('link', { name: 'Your devices' })).toHaveProperty(
			'pathname',
			'/settings/devices',
		);
		await user.click(screen.getByRole('button', { name: 'That was me' }));
		expect(engine.commands).toEqual([
			{ do: 'noticesSeen', signIns: [], passphraseChanged: 1_764_252_120_000 },
		]);
		engine.emit({ is: 'notices', signIns: [] });
		await waitFor(() => expect(screen.queryByText(/Your passphrase was changed/)).toBeNull());
	});
});

describe('the recovery code', () => {
	it('that was changed elsewhere is told until the person says that they know', async () => {
		const { engine, user } = await renderApp('/', signedIn);
		engine.emit({ is: 'notices', signIns: [], recoveryChanged: 1_764_252_120_000 });
		await screen.findByText(/Your recovery code was changed on another device/);
		expect(screen.queryByText(/Your passphrase was changed/)).toBeNull();
		await user.click(screen.getByRole('button', { name: 'Yes, that was me' }));
		expect(engine.commands).toEqual([{ do: 'noticesSeen', signIns: [], recoveryChanged: 1_764_252_120_000 }]);
		engine.emit({ is: 'notices', signIns: [] });
		await waitFor(() => expect(screen.queryByText(/recovery code was changed/)).toBeNull());
	});

	it('is recommended once to who has none', async () => {
		const { engine, user } = await renderApp('/', signedIn);
		const recovery = { there: false, made: null, remind: true, passphraseWanted: false };
		engine.emit({ is: 'recovery', recovery });
		await screen.findByText(/A recovery code on paper could/);
		await user.click(screen.getByRole('button', { name: 'No, thank you' }));
		expect(engine.commands).toMatchObject([{ do: 'saveSettings', settings: { recoveryReminded: true } }]);
	});

	it('asks for a new passphrase as long as somebody who came by it has none', async () => {
		const { engine } = await renderApp('/', signedIn);
		const recovery = { there: true, made: 1, remind: false, passphraseWanted: true };
		engine.emit({ is: 'recovery', recovery });
		await screen.findByText(/have no new passphrase yet/);
		expect(screen.getByRole('link', { name: 'Choose one' })).toHaveProperty(
			'pathname',
			'/settings/passphrase',
		);
		engine.emit({ is: 'recovery', recovery: { ...recovery, passphraseWanted: false } });
		await waitFor(() => expect(screen.queryByText(/have no new passphrase yet/)).toBeNull());
	});
});

describe('a request for a new passphrase by another device', () => {
	const request = {
		name: 'Chromium on Windows',
		device: 'd9',
		mine: false,
		approved: false,
		ready: false,
		readyAt: 1,
	};

	it.each([
		['Cancel the request', 'cancelForgotten'],
		['Approve', 'approveForgotten'],
	] as const)('says so where it can not be answered: %s', async (button, doing) => {
		const { engine, user } = await renderApp('/', {
			...signedIn,
			onCommand: (command, engine) =>
				engine.emit({ is: 'failed', doing: command.do as never, failure: { is: 'offline' } }),
		});
		engine.emit({ is: 'forgotten', request: request as never });
		await user.click(await screen.findByRole('button', { name: button }));
		if (doing === 'approveForgotten') {
			await user.click(await screen.findByRole('button', { name: 'Really you? Approve' }));
		}
		await screen.findByText(/no connection to the server/i);
		expect(engine.commands.map((one) => one.do)).toEqual([doing]);
	});
});

describe('the list of devices', () => {
	it('is read again when another device has just come', async () => {
		const { engine } = await renderApp('/settings/devices', signedIn);
		const asked = () => engine.commands.filter((one) => one.do === 'listDevices').length;
		await waitFor(() => expect(asked()).toBe(1));
		engine.emit({ is: 'notices', signIns: [{ device: 'd9', name: 'x', time: 1 }] });
		await waitFor(() => expect(asked()).toBe(2));
		engine.emit({ is: 'notices', signIns: [] });
		await new Promise((resolve) => setTimeout(resolve));
		expect(asked()).toBe(2);
	});
});

describe('a changed identity', () => {
	it('interrupts and is only accepted when the person says so', async () => {
		const malik = aPerson({ member: 'b2'.repeat(16), displayName: 'Malik Benali', identityChanged: true });
		const { engine, user } = await renderApp('/', signedIn);
		engine.emit({ is: 'identityChanged', member: malik.member });
		await screen.findByRole('alertdialog', { name: /identity of \WMalik Benali\W has changed/ });
		expect(engine.commands).toEqual([]);
		await user.click(screen.getByRole('button', { name: 'Accept the new identity' }));
		expect(engine.commands).toEqual([]);
		await user.click(screen.getByRole('button', { name: 'Accept without comparing?' }));
		expect(engine.commands).toEqual([{ do: 'acceptIdentity', member: malik.member }]);
	});

	it('does not push another one out of sight, nor take its place under the finger', async () => {
		const [malik, zoe] = ['b2', 'b3'].map((id) => id.repeat(16)) as [string, string];
		const { engine, store, user } = await renderApp('/', signedIn);
		engine.emit({ is: 'identityChanged', member: malik });
		engine.emit({ is: 'identityChanged', member: zoe });
		engine.emit({ is: 'identityChanged', member: malik });
		expect(store.getState().identityChanged).toEqual([malik, zoe]);
		await user.click(await screen.findByRole('button', { name: 'Decide later' }));
		await waitFor(() => expect(store.getState().identityChanged).toEqual([zoe]));
		await user.click(await screen.findByRole('button', { name: 'Decide later' }));
		await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
		expect(engine.commands).toEqual([]);
	});

	it('can be put off, and nothing is accepted by that', async () => {
		const { engine, user } = await renderApp('/', signedIn);
		engine.emit({ is: 'identityChanged', member: 'b2'.repeat(16) });
		await user.click(await screen.findByRole('button', { name: 'Decide later' }));
		await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
		expect(engine.commands).toEqual([]);
	});
});

describe('a server that is not reached although there is a network', () => {
	beforeEach(() =>
		vi.useFakeTimers({ shouldAdvanceTime: true, toFake: ['setTimeout', 'clearTimeout', 'Date'] }),
	);
	afterEach(() => vi.useRealTimers());
	const offline = { is: 'connection', connection: { is: 'offline', retryAt: 0 } } as const;
	const connecting = { is: 'connection', connection: { is: 'connecting' } } as const;

	it('is explained after a while, also over tries: what it may be, and how the browser tells which', async () => {
		const { engine } = await renderApp('/settings/about', signedIn);
		await heading(/About/);
		const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
		engine.emit(offline);
		await act(() => vi.advanceTimersByTimeAsync(12_000));
		engine.emit(connecting);
		expect(screen.queryByRole('button', { name: 'What may be wrong' })).toBeNull();
		engine.emit(offline);
		await act(() => vi.advanceTimersByTimeAsync(9_000));
		await user.click(screen.getByRole('button', { name: 'What may be wrong' }));
		const dialog = await screen.findByRole('dialog', { name: /can’t be reached/ });
		expect(within(dialog).getAllByRole('listitem')).toHaveLength(3);
		expect(dialog.textContent).toMatch(/never click the warning away/);
		const page = within(dialog).getByRole('link', { name: 'Open the server’s page' });
		expect([page.getAttribute('href'), page.getAttribute('target')]).toEqual(['/reached', '_blank']);
		// a try does not close it
		engine.emit(connecting);
		engine.emit(offline);
		expect(screen.getByRole('dialog')).toBe(dialog);
	});

	it('is not spoken of where the device has no network', async () => {
		vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
		const { engine } = await renderApp('/settings/about', signedIn);
		await heading(/About/);
		engine.emit(offline);
		await act(() => vi.advanceTimersByTimeAsync(21_000));
		expect(screen.queryByRole('button', { name: 'What may be wrong' })).toBeNull();
		screen.getByRole('link', { name: 'What to check' });
	});
});

describe('what the browser kept was removed under the running app', () => {
	const session = aSession();
	const unsent = [{ title: 'Malik Benali', text: 'the meeting is at nine' }];

	it('is said at the sign-in, with what was not sent, to be copied', async () => {
		const { engine, user } = await renderApp('/', signedIn);
		engine.become({ session: null });
		engine.emit({ is: 'wiped', cleared: unsent });
		await heading(/Sign in/);
		const alert = await screen.findByRole('alert');
		expect(alert.textContent).toMatch(/was removed.*One text was not sent/);
		// nobody who looks over a shoulder reads it
		expect(screen.queryByDisplayValue(/nine/)).toBeNull();
		await user.click(within(alert).getByRole('button', { name: 'Show what was not sent' }));
		const dialog = await screen.findByRole('dialog', { name: 'Not sent' });
		const field = within(dialog).getByRole('textbox', { name: /Malik Benali/ });
		expect(field).toHaveProperty('value', 'the meeting is at nine');
		await user.click(within(dialog).getByRole('button', { name: 'Copy' }));
		expect(await navigator.clipboard.readText()).toBe('the meeting is at nine');
		await user.click(within(dialog).getByRole('button', { name: 'Forget these texts' }));
		await user.click(within(dialog).getByRole('button', { name: 'Really forget them?' }));
		await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
	});

	it('says so when nothing was left unsent, until it was read', async () => {
		const { engine, user } = await renderApp('/', signedIn);
		engine.become({ session: null });
		engine.emit({ is: 'wiped', cleared: [] });
		const alert = await screen.findByRole('alert');
		expect(alert.textContent).toMatch(/Nothing was left unsent/);
		await user.click(within(alert).getByRole('button', { name: 'Close' }));
		await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
	});

	it('stays for who wrote it, and is not shown to somebody else', async () => {
		const { engine, store } = await renderApp('/', signedIn);
		engine.emit({ is: 'wiped', cleared: unsent });
		engine.emit({ is: 'wiped' });
		engine.emit({ is: 'signedIn', session });
		expect(store.getState().cleared?.unsent).toEqual(unsent);
		engine.emit({ is: 'signedIn', session: aSession({ me: aPerson({ member: 'f0'.repeat(16) }) }) });
		expect(store.getState().cleared).toBeNull();
	});
});

describe('another tab with another build', () => {
	it.each([
		['older', /This tab has an older/, 'Reload'],
		['newer', /Another tab has an older/, 'Check again'],
	] as const)('is told apart: own is %s', async (own, title, button) => {
		const { engine } = await renderApp('/settings/about', signedIn);
		engine.tellHealth({ is: 'otherBuild', own });
		await heading(title);
		screen.getByRole('button', { name: button });
		engine.tellHealth({ is: 'leading' });
		await heading(/About/);
	});
});

describe('how things are', () => {
	it('is said once when the connection goes, with a way to try now', async () => {
		const { engine, user } = await renderApp('/settings/about', signedIn);
		engine.emit({ is: 'connection', connection: { is: 'offline', retryAt: Date.now() + 5_000 } });
		const status = (await screen.findByText(/You are offline/)).closest('[role=status]');
		// the seconds that are counted down are not read aloud
		expect(status?.querySelector('span[aria-hidden="true"]')).not.toBeNull();
		await user.click(screen.getByRole('button', { name: 'Try now' }));
		expect(engine.commands).toEqual([{ do: 'retryNow' }]);
		engine.emit({ is: 'connection', connection: { is: 'online' } });
		await waitFor(() => expect(screen.queryByText(/You are offline/)).toBeNull());
	});

	it.each([
		[
			'read-only',
			(e: Emitting) => e.emit({ is: 'connection', connection: { is: 'readOnly', reason: 'disk' } }),
			/can’t save/,
		],
		['another tab', (e: Emitting) => e.tellHealth({ is: 'following' }), /another tab/],
		['a restart', (e: Emitting) => e.tellHealth({ is: 'restarting' }), /restart itself/],
		[
			'a full store',
			(e: Emitting) => e.emit({ is: 'failed', doing: 'background', failure: { is: 'storeFull' } }),
			/no room left/,
		],
		[
			'a server that lies',
			(e: Emitting) =>
				e.emit({ is: 'failed', doing: 'background', failure: { is: 'unverified', message: '' } }),
			/does not verify/,
		],
	])('is said of %s', async (_, happen, words) => {
		const { engine } = await renderApp('/settings/about', signedIn);
		happen(engine);
		await screen.findByText(words);
	});

	it('is said when the clock is wrong', async () => {
		const yesterday = new Date(Date.now() - 26 * 3_600_000).toUTCString();
		vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response(null, { headers: { date: yesterday } }));
		await renderApp('/settings/about', signedIn);
		const strip = (await screen.findByText(/differ by 1 day/)).closest<HTMLElement>('[role=status]');
		// both times are there, and who is to set which clock
		expect(strip?.textContent).toMatch(/This device’s clock says .*\d:\d\d.*the server’s says .*\d:\d\d/);
		expect(strip?.textContent).toMatch(/tell the person who runs it/);
	});

	it('is said once: a wrong clock that somebody has read about is not said again', async () => {
		const yesterday = new Date(Date.now() - 26 * 3_600_000).toUTCString();
		vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response(null, { headers: { date: yesterday } }));
		const { engine, user } = await renderApp('/settings/about', signedIn);
		const strip = (await screen.findByText(/differ by 1 day/)).closest<HTMLElement>('[role=status]');
		if (!strip) throw new Error('it is said in no strip');
		await user.click(within(strip).getByRole('button', { name: 'Close' }));
		engine.emit({ is: 'connection', connection: { is: 'connecting' } });
		engine.emit({ is: 'connection', connection: { is: 'online' } });
		await new Promise((resolve) => setTimeout(resolve));
		expect(screen.queryByText(/differ by/)).toBeNull();
	});

	it('is said no more once the clock was set right', async () => {
		let wrongBy = 26 * 3_600_000;
		vi.spyOn(globalThis, 'fetch').mockImplementation(
			async () => new Response(null, { headers: { date: new Date(Date.now() - wrongBy).toUTCString() } }),
		);
		await renderApp('/settings/about', signedIn);
		await screen.findByText(/differ by 1 day/);
		wrongBy = 0;
		document.dispatchEvent(new Event('visibilitychange'));
		await waitFor(() => expect(screen.queryByText(/differ by/)).toBeNull());
	});

	it('is said when the worker is dead', async () => {
		const { engine } = await renderApp('/settings/about', signedIn);
		engine.tellHealth({ is: 'dead', message: 'out of memory' });
		await heading(/can’t start here/);
	});

	it('is said when the browser lacks what it takes, and what that is', async () => {
		const { engine } = await renderApp('/sign-in');
		engine.tellHealth({ is: 'unsupported', lacks: ['wasm', 'locks'] });
		await heading(/can’t run ChaTalK/);
		expect(screen.getAllByRole('listitem').map((one) => one.textContent)).toEqual([
			expect.stringMatching(/WebAssembly/),
			expect.stringMatching(/tabs/),
		]);
		expect(screen.getByRole('link', { name: /What your browser can do/ })).toBeTruthy();
	});
});
type Emitting = Awaited<ReturnType<typeof renderApp>>['engine'];

describe('what this browser remembers of the look', () => {
	it('is gone after a sign-out', async () => {
		const dark = {
			language: 'en',
			theme: 'dark',
			enterSends: true,
			receipts: true,
			recoveryReminded: false,
			signInNotices: true,
		} as const;
		const { engine } = await renderApp('/settings/about', { state: { ...signedIn.state, settings: dark } });
		await waitFor(() => expect(localStorage.getItem('chatalk.look')).not.toBeNull());
		engine.become({ session: null });
		engine.emit({ is: 'wiped' });
		await heading(/Sign in/);
		await waitFor(() => expect(Object.keys(localStorage)).toEqual([]));
	});

	it('is never written on a public computer', async () => {
		const written = vi.spyOn(Storage.prototype, 'setItem');
		const dark = {
			language: 'en',
			theme: 'dark',
			enterSends: true,
			receipts: true,
			recoveryReminded: false,
			signInNotices: true,
		} as const;
		const { engine } = await renderApp('/settings/about', {
			state: {
				session: aSession({ inMemory: true }),
				settings: dark,
				storage: { kept: 'memory', why: 'public', persistent: false, appLock: false },
			},
		});
		await heading(/About/);
		engine.become({ session: null });
		engine.emit({ is: 'wiped' });
		await heading(/Sign in/);
		expect(written).not.toHaveBeenCalled();
	});
});

describe('the app lock', () => {
	it('hides names when it comes again after a restart', async () => {
		const { engine } = await renderApp('/settings/about', signedIn);
		engine.emit({ is: 'notices', signIns: [{ device: 'd9', name: 'Secret device', time: 1 }] });
		await screen.findByRole('alertdialog');
		engine.tellHealth({ is: 'locked' });
		await heading(/locked/);
		await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
		expect(document.body.textContent).not.toMatch(/Secret device/);
		expect(document.title).not.toMatch(/Malik/);
	});
});

describe('the title of the tab', () => {
	const open = `/c/${aConversation().conversation}`;

	it('is who one talks to, and nobody once one is signed out', async () => {
		const { engine } = await renderApp(open, signedIn);
		await waitFor(() => expect(document.title).toBe('Malik Benali · ChaTalK'));
		engine.become({ session: null });
		engine.emit({ is: 'wiped' });
		await heading(/Sign in/);
		expect(document.title).not.toMatch(/Malik/);
	});

	it.each([
		['a public computer', { session: aSession({ inMemory: true }) }],
		['an app lock', { storage: { kept: 'disk', why: null, persistent: true, appLock: true } }],
	] as const)('names nobody with %s', async (_, change) => {
		await renderApp(open, { state: { ...signedIn.state, ...change } });
		await screen.findByRole('textbox', { name: 'Message to Malik Benali' });
		expect(document.title).toBe('ChaTalK');
	});
});

describe('the focus', () => {
	it('moves to the heading of the next screen', async () => {
		const { router } = await renderApp('/settings/about', signedIn);
		await heading(/About/);
		await router.navigate({ to: '/settings/lock' });
		const next = await heading(/App lock/);
		await waitFor(() => expect(document.activeElement).toBe(next));
	});
});

describe('devices', () => {
	const devices = [
		{ device: 'd0', name: 'Firefox on Linux', created: 1, lastSeen: 2, current: true },
		{ device: 'd1', name: 'Chrome on Android', created: 1, lastSeen: 2, current: false },
	];
	const listing: Script = {
		...signedIn,
		onCommand: (command, engine) => {
			if (command.do === 'listDevices') engine.emit({ is: 'devices', devices });
			engine.emit({ is: 'done', doing: command.do });
		},
	};

	it('are signed out by two presses, never by one', async () => {
		const { engine, user } = await renderApp('/settings/devices', listing);
		await user.click(await screen.findByRole('button', { name: 'Sign out Chrome on Android' }));
		expect(engine.commands.map((command) => command.do)).toEqual(['listDevices']);
		await user.click(screen.getByRole('button', { name: 'Really sign out? Chrome on Android' }));
		await waitFor(() => expect(engine.commands).toContainEqual({ do: 'signOutDevice', device: 'd1' }));
	});

	it('take the first press back when one goes elsewhere', async () => {
		const { user } = await renderApp('/settings/devices', listing);
		await user.click(await screen.findByRole('button', { name: 'Sign out Chrome on Android' }));
		await user.tab();
		await screen.findByRole('button', { name: 'Sign out Chrome on Android' });
	});
});
