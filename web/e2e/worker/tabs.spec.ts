import { expect } from '@playwright/test';
import { invite, setUp, Tab, talk, test } from './fixtures';

test('a second tab is served by the first and takes over when it goes', async ({ browser, servers }) => {
	const { server, url } = servers;
	const context = await browser.newContext();
	const first = await Tab.of(context, url);
	await setUp(first, server.setUpCode);
	const ben = await Tab.of(await browser.newContext(), url);
	await invite(first, ben);
	const conversation = await talk(first, 'ben');

	const second = await Tab.of(context, url);
	expect(await second.open()).toMatchObject({
		is: 'ready',
		state: { session: { me: { loginName: 'anna' } } },
	});
	expect(await second.page.evaluate(() => window.harness.workers.length)).toBe(0);
	await second.command({ do: 'sendText', conversation, text: 'from the second tab' });
	await ben.texts(conversation, ['from the second tab']);
	await first.texts(conversation, ['from the second tab']);

	// commands that the leader may or may not have taken when it goes run once each
	const many = Array.from({ length: 40 }, (_, n) => `text ${n}`);
	await second.page.evaluate(
		({ conversation, many }) => {
			for (const text of many) window.harness.engine.command({ do: 'sendText', conversation, text });
		},
		{ conversation, many },
	);
	await first.page.close();
	await second.page.evaluate(() => window.harness.healthy((health) => health.is === 'leading'));
	expect(await second.page.evaluate(() => window.harness.workers.length)).toBe(1);
	const there = await ben.texts(conversation, many);
	expect(
		there
			.map(({ text }) => text)
			.filter((text) => many.includes(text))
			.sort(),
	).toEqual([...many].sort());
});

test('a panic in the engine restarts it, and what was asked is answered', async ({ browser, servers }) => {
	const { server, url } = servers;
	const anna = await Tab.of(await browser.newContext(), url);
	await setUp(anna, server.setUpCode);
	const [worker] = anna.page.workers();
	await worker?.evaluate(() => {
		crypto.getRandomValues = () => {
			throw new Error('no randomness');
		};
	});
	const words = await anna.page.evaluate(() => window.harness.engine.generatePassphrase('en'));
	expect(words.split(/[ -]/)).toHaveLength(5);
	const health = await anna.page.evaluate(() => window.harness.health.map((health) => health.is));
	expect(health).toEqual(['leading', 'restarting', 'leading']);
	expect(await anna.page.evaluate(() => window.harness.engine.state())).toMatchObject({
		session: { me: { loginName: 'anna' } },
	});
});
