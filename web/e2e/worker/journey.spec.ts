import { expect } from '@playwright/test';
import { invite, PASSPHRASE, setUp, Tab, talk, test } from './fixtures';

test('two people talk, and a third browser reads it all by name and passphrase', async ({
	browser,
	servers,
}) => {
	const { server, url } = servers;
	const anna = await Tab.of(await browser.newContext(), url);
	await setUp(anna, server.setUpCode);
	const ben = await Tab.of(await browser.newContext(), url);
	await invite(anna, ben);
	const conversation = await talk(anna, 'ben');
	await anna.command({ do: 'sendText', conversation, text: 'Hello Ben 👋🏽' });
	await ben.texts(conversation, ['Hello Ben 👋🏽']);
	await ben.command({ do: 'sendText', conversation, text: 'Bonjour Anna' });
	await anna.texts(conversation, ['Hello Ben 👋🏽', 'Bonjour Anna']);

	const fresh = await Tab.of(await browser.newContext(), url);
	const opened = await fresh.open();
	expect(opened).toMatchObject({ is: 'ready', state: { session: null, storage: { kept: 'disk' } } });
	const signIn = {
		do: 'signIn',
		loginName: 'anna',
		passphrase: PASSPHRASE,
		deviceName: 'Other browser',
	} as const;
	await fresh.ask(signIn, 'signedIn');
	expect(await fresh.conversation()).toBe(conversation);
	const texts = await fresh.texts(conversation, ['Hello Ben 👋🏽', 'Bonjour Anna']);
	expect(texts.map(({ text }) => text)).toEqual(['Hello Ben 👋🏽', 'Bonjour Anna']);
	// the first one goes on
	await anna.command({ do: 'sendText', conversation, text: 'to all devices' });
	await fresh.texts(conversation, ['to all devices']);

	// and is still there after a reload
	await anna.page.reload();
	expect(await anna.open()).toMatchObject({ is: 'ready', state: { session: { inMemory: false } } });
	await anna.texts(conversation, ['Hello Ben 👋🏽', 'Bonjour Anna', 'to all devices']);
});
