import { expect } from '@playwright/test';
import { account, invite, setUp, Tab, talk, test } from './fixtures';

/** Everything that this origin keeps in the browser. */
function kept(tab: Tab): Promise<{ databases: unknown[]; files: string[]; local: number }> {
	return tab.page.evaluate(async () => {
		const files: string[] = [];
		const root = await navigator.storage.getDirectory();
		for await (const name of (root as unknown as { keys(): AsyncIterable<string> }).keys()) files.push(name);
		return {
			databases: await indexedDB.databases(),
			files,
			local: localStorage.length + sessionStorage.length,
		};
	});
}

/** A page gives a worker up that ends more often than this within a minute. */
const KILLS = 4;

const NOTHING = { databases: [], files: [], local: 0 };

test('killed at any moment the store is whole and has what was acknowledged', async ({
	browser,
	servers,
}) => {
	const { server, url } = servers;
	const anna = await Tab.of(await browser.newContext(), url);
	await setUp(anna, server.setUpCode);
	const ben = await Tab.of(await browser.newContext(), url);
	await invite(anna, ben);
	const conversation = await talk(anna, 'ben');
	const sent: string[] = [];
	for (let round = 0; round < 3 * KILLS; round++) {
		if (round > 0 && round % KILLS === 0) {
			await anna.texts(conversation, sent);
			await anna.page.reload();
			await anna.open();
		}
		const texts = Array.from({ length: 30 }, (_, n) => `round ${round} text ${n}`);
		sent.push(...texts);
		await anna.page.evaluate(
			async ({ conversation, texts, round }) => {
				const { engine, updates, told, workers } = window.harness;
				const from = updates.length;
				for (const text of texts) engine.command({ do: 'sendText', conversation, text });
				// a different moment every time: after that many changes of the timeline, while others are written
				let next = from;
				for (let seen = 0; seen < 1 + (round % 3); seen++) {
					const update = await told((update) => update.is === 'timeline', next);
					next = updates.indexOf(update, next) + 1;
				}
				const worker = workers.at(-1);
				worker?.terminate();
				worker?.dispatchEvent(new ErrorEvent('error'));
				const health = window.harness.health.length;
				await window.harness.healthy((health) => health.is === 'leading', health - 1);
			},
			{ conversation, texts, round },
		);
	}
	const mine = await anna.texts(conversation, sent);
	expect(mine.map(({ text }) => text).sort()).toEqual([...sent].sort());
	const theirs = await ben.texts(conversation, sent);
	expect(theirs.map(({ text }) => text).sort()).toEqual([...sent].sort());
});

test('a public computer keeps nothing', async ({ browser, servers }) => {
	const { server, url } = servers;
	const anna = await Tab.of(await browser.newContext(), url);
	expect(await anna.open({ inMemory: true })).toMatchObject({
		state: { storage: { kept: 'memory', why: 'public' } },
	});
	const command = {
		do: 'setUp',
		code: server.setUpCode,
		organisation: 'Example',
		account: account('anna'),
	} as const;
	expect(await anna.ask(command, 'signedIn')).toMatchObject({ session: { inMemory: true } });
	expect(await kept(anna)).toEqual(NOTHING);
	await anna.page.reload();
	expect(await anna.open()).toMatchObject({ is: 'ready', state: { session: null } });
	expect(await kept(anna)).toEqual(NOTHING);
});

test('wiping leaves nothing, and another person can begin', async ({ browser, servers }) => {
	const { server, url } = servers;
	const anna = await Tab.of(await browser.newContext(), url);
	await setUp(anna, server.setUpCode);
	expect(await kept(anna)).not.toEqual(NOTHING);
	await anna.wipe();
	expect(await anna.open()).toMatchObject({ is: 'ready', state: { session: null } });
	expect(await kept(anna)).toEqual(NOTHING);
});

test('a store that can not be opened is removed, and one begins anew', async ({ browser, servers }) => {
	const { server, url } = servers;
	const context = await browser.newContext();
	const anna = await Tab.of(context, url);
	await setUp(anna, server.setUpCode);
	// a page of the same origin without an engine, so that nobody holds the files
	await anna.page.goto(new URL('/package.json', url).href);
	await anna.page.evaluate(async () => {
		type Entries = { values(): AsyncIterable<FileSystemHandle> };
		async function spoil(folder: FileSystemDirectoryHandle): Promise<void> {
			for await (const entry of (folder as unknown as Entries).values()) {
				if (entry.kind === 'directory') await spoil(entry as FileSystemDirectoryHandle);
				else {
					const file = entry as FileSystemFileHandle;
					const { size } = await file.getFile();
					// past the name that the pool gave it
					if (size <= 4096) continue;
					const writing = await file.createWritable({ keepExistingData: true });
					await writing.write({ type: 'write', position: 4096, data: new Uint8Array(size - 4096).fill(7) });
					await writing.close();
				}
			}
		}
		await spoil(await navigator.storage.getDirectory());
	});
	await anna.page.goto(url);
	expect(await anna.open()).toMatchObject({ is: 'failed' });
	await anna.wipe();
	expect(await kept(anna)).toEqual(NOTHING);
	expect(await anna.open()).toMatchObject({ is: 'ready', state: { session: null } });
	const { loginName, passphrase, deviceName } = account('anna');
	await anna.ask({ do: 'signIn', loginName, passphrase, deviceName }, 'signedIn');
});

test('an app lock opens with its word alone, and can be taken off', async ({ browser, servers }) => {
	const { server, url } = servers;
	const anna = await Tab.of(await browser.newContext(), url);
	await setUp(anna, server.setUpCode);
	await anna.page.evaluate(() => window.harness.engine.setAppLock('open, sesame'));
	await anna.page.reload();
	expect(await anna.open()).toEqual({ is: 'locked', wrong: false });
	expect(await anna.open({ inMemory: false, unlock: 'open sesame' })).toEqual({ is: 'locked', wrong: true });
	expect(await anna.open({ inMemory: false, unlock: 'open, sesame' })).toMatchObject({
		is: 'ready',
		state: { session: { me: { loginName: 'anna' } }, storage: { appLock: true } },
	});
	await anna.page.evaluate(() => window.harness.engine.setAppLock(null));
	await anna.page.reload();
	expect(await anna.open()).toMatchObject({ is: 'ready', state: { storage: { appLock: false } } });
});

test('a full disk is told, and nothing is half written', async ({ browser, servers }) => {
	const { server, url } = servers;
	const context = await browser.newContext();
	const anna = await Tab.of(context, url);
	await setUp(anna, server.setUpCode);
	const ben = await Tab.of(await browser.newContext(), url);
	await invite(anna, ben);
	const conversation = await talk(anna, 'ben');
	await anna.command({ do: 'sendText', conversation, text: 'before' });
	await ben.texts(conversation, ['before']);
	const origin = new URL(url).origin;
	const devtools = await context.newCDPSession(anna.page);
	await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
	const failed = await anna.page.evaluate(async (conversation) => {
		const { engine, told, updates } = window.harness;
		const from = updates.length;
		for (let n = 0; n < 200; n++) engine.command({ do: 'sendText', conversation, text: 'x'.repeat(16_000) });
		return told((update) => update.is === 'failed', from);
	}, conversation);
	// that it was for want of room, the app finds out (app/room.ts)
	expect(failed).toMatchObject({ is: 'failed', failure: { is: 'store' } });
	await devtools.send('Storage.overrideQuotaForOrigin', { origin });
	await anna.page.reload();
	expect(await anna.open()).toMatchObject({ is: 'ready', state: { session: { me: { loginName: 'anna' } } } });
	await anna.command({ do: 'sendText', conversation, text: 'after' });
	await ben.texts(conversation, ['before', 'after']);
});

for (const [how, storageTypes] of [
	['storage', 'all'],
	// browsers let go of open files without a word: that is looked for
	['files alone', 'file_systems'],
] as const) {
	test(`${how} cleared under a running tab: it is noticed, and what was not sent is told`, async ({
		browser,
		servers,
	}) => {
		const { server, url } = servers;
		const context = await browser.newContext();
		const anna = await Tab.of(context, url);
		await setUp(anna, server.setUpCode);
		const ben = await Tab.of(await browser.newContext(), url);
		await invite(anna, ben);
		const conversation = await talk(anna, 'ben');
		await anna.command({ do: 'sendText', conversation, text: 'sent' });
		await ben.texts(conversation, ['sent']);
		await server.stop();
		await anna.page.evaluate(async (conversation) => {
			const { engine, told, updates } = window.harness;
			const from = updates.length;
			engine.command({ do: 'sendText', conversation, text: 'not sent' });
			await told((update) => update.is === 'timeline', from);
		}, conversation);
		const devtools = await context.newCDPSession(anna.page);
		await devtools.send('Storage.clearDataForOrigin', { origin: new URL(url).origin, storageTypes });
		const wiped = await anna.page.evaluate(() => {
			// as when somebody comes back from the settings of the browser
			document.dispatchEvent(new Event('visibilitychange'));
			return window.harness.told((update) => update.is === 'wiped');
		});
		expect(wiped).toMatchObject({ cleared: [{ text: 'not sent' }] });
		// as the app does: another worker begins, and is asked to open
		expect(await anna.open()).toMatchObject({ is: 'ready', state: { session: null } });
		expect(await kept(anna)).toEqual(NOTHING);
	});
}
