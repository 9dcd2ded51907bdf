/** Two people talk; the server dies, the network goes, a fresh browser comes, and nothing is lost. */
import { founds, invites, registers, signsIn } from '../support/entry';
import { expect, test } from '../support/fixtures';
import { composer, message, opens, says, stands, writesTo } from '../support/talk';

test('two people talk through all that happens', async ({ arrive, server, t }) => {
	const anna = await arrive();
	const passphrase = await founds(anna.page, t, server.code, { organisation: 'Example', name: 'Anna' });
	const link = await invites(anna.page, t);
	await anna.page.getByRole('button', { name: t('entry:ready.toConversations') }).click();
	await anna.looksAt('home-empty');
	const ben = await arrive();
	await registers(ben.page, t, server.here(link), 'Ben');

	await test.step('they talk', async () => {
		await writesTo(anna.page, t, 'Ben');
		await says(anna.page, t, 'Ben', 'Hello from Anna');
		await opens(ben.page, t, 'Anna');
		await expect(message(ben.page, 'Hello from Anna')).toBeVisible();
		await says(ben.page, t, 'Anna', 'Hello from Ben');
		await expect(message(anna.page, 'Hello from Ben')).toBeVisible();
		await stands(anna.page, t, 'Hello from Anna', 'read');
		await anna.looksAt('talking');
	});

	await test.step('the server dies while they type, and comes back', async () => {
		await composer(anna.page, t, 'Ben').fill('half a thou');
		await server.kill();
		await composer(anna.page, t, 'Ben').fill('');
		await says(anna.page, t, 'Ben', 'Written while it was dead');
		await stands(anna.page, t, 'Written while it was dead', 'waiting');
		await says(ben.page, t, 'Anna', 'Ben noticed nothing');
		await expect(anna.page.getByText(t('common:connection.offline'))).toBeVisible();
		await anna.looksAt('offline');
		await server.startAgain();
		await expect(message(ben.page, 'Written while it was dead')).toBeVisible();
		await expect(message(anna.page, 'Ben noticed nothing')).toBeVisible();
		await stands(anna.page, t, 'Written while it was dead', 'delivered', 'read');
	});

	await test.step('her network goes and comes back', async () => {
		await anna.context.setOffline(true);
		await says(anna.page, t, 'Ben', 'From a tunnel');
		await says(ben.page, t, 'Anna', 'Into the tunnel');
		await anna.context.setOffline(false);
		await expect(message(anna.page, 'Into the tunnel')).toBeVisible();
		await expect(message(ben.page, 'From a tunnel')).toBeVisible();
	});

	await test.step('a page that is loaded anew has everything, also what was being typed', async () => {
		await composer(anna.page, t, 'Ben').fill('not finished');
		await anna.page.reload();
		await expect(message(anna.page, 'Into the tunnel')).toBeVisible();
		await expect(composer(anna.page, t, 'Ben')).toHaveValue('not finished');
		await composer(anna.page, t, 'Ben').fill('');
	});

	const fresh = await arrive();
	await test.step('name and passphrase bring the history to a fresh browser, and both devices go on', async () => {
		await signsIn(fresh.page, t, { name: 'Anna', passphrase });
		await opens(fresh.page, t, 'Ben');
		for (const text of ['Hello from Anna', 'Hello from Ben', 'Written while it was dead', 'From a tunnel']) {
			await expect(message(fresh.page, text)).toBeVisible();
		}
		await fresh.looksAt('history-restored');
		await says(fresh.page, t, 'Ben', 'From the second device');
		await expect(message(anna.page, 'From the second device')).toBeVisible();
		await expect(message(ben.page, 'From the second device')).toBeVisible();
		await says(ben.page, t, 'Anna', 'To both of you');
		await expect(message(anna.page, 'To both of you')).toBeVisible();
		await expect(message(fresh.page, 'To both of you')).toBeVisible();
	});

	await test.step('the timeline reads well to a screen reader', async () => {
		const log = ben.page.getByRole('log', { name: t('timeline:log', { title: 'Anna' }) });
		await expect(log).toHaveAttribute('aria-busy', 'false');
		const articles = log.getByRole('article');
		const names = await articles.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));
		expect(names.every((name) => name !== null && name.length > 0)).toBe(true);
		const spoken = (sender: string, text: string) =>
			names.some((n) => n?.startsWith(sender) && n.endsWith(`: ${text}`));
		expect(spoken('Anna', 'Hello from Anna')).toBe(true);
		const stops = await log.locator('[tabindex="0"]').count();
		expect(stops, 'the timeline is one stop for the Tab key').toBe(1);
		const announced = ben.page.getByRole('status').filter({ hasText: 'Announce this' });
		await says(fresh.page, t, 'Ben', 'Announce this');
		await expect(announced).toHaveText(t('timeline:arrived', { sender: 'Anna', text: 'Announce this' }));
	});
});
