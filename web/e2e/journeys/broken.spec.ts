/** What is broken heals: a device's key to a conversation is lost, and somebody's app makes a change that nobody can read. */
import type { Page } from '@playwright/test';
import type { TFunction } from 'i18next';
import { founds, signsIn } from '../support/entry';
import { expect, joins, test } from '../support/fixtures';
import { makesGroup, menuOf } from '../support/groups';
import { Liar } from '../support/liar';
import { composer, message, opens, says, writesTo } from '../support/talk';

const TITLE = 'Desk';
/** Records of the vault that hold the state of a conversation. */
const MLS_STATE = 5;

test('who lost the key to a conversation gets it back from the others', async ({ arrive, server, t }) => {
	const anna = await arrive();
	const passphrase = await founds(anna.page, t, server.code, { organisation: 'Example', name: 'Anna' });
	const ben = await joins(anna, arrive, server, t, 'Ben');
	await writesTo(anna.page, t, 'Ben');
	await says(anna.page, t, 'Ben', 'Before it was lost');
	await opens(ben.page, t, 'Anna');
	await says(ben.page, t, 'Anna', 'An answer');
	await expect(message(anna.page, 'An answer')).toBeVisible();
	await anna.leave();
	await ben.context.setOffline(true);

	const liar = await Liar.before(server.url);
	const lost = new Set<string>();
	liar.lies.answers = (method, ok) => {
		if (method !== 'vault.get') return;
		const { records } = ok as { records: { name: { kind: number; id: Uint8Array }; version: number }[] };
		// those that there are now; what is kept later is not lost
		ok.records = records.filter(({ name: { kind, id }, version }) => {
			if (kind !== MLS_STATE) return true;
			const key = Buffer.from(id).toString('hex');
			if (lost.size === 0) lost.add(`${key} ${version}`);
			return !lost.has(`${key} ${version}`);
		});
	};
	const fresh = await arrive({}, liar.url);
	await test.step('the fresh device says what is the matter, and that there is nothing to do', async () => {
		await signsIn(fresh.page, t, { name: 'Anna', passphrase });
		await row(fresh.page, t, '').click();
		await expect(fresh.page.getByText(t('composer:blocked.restoring'))).toBeVisible();
		await fresh.looksAt('repair-waiting');
	});

	await test.step('as soon as Ben is there, both talk again, and everybody sees what happened', async () => {
		await ben.context.setOffline(false);
		await expect(composer(fresh.page, t, 'Ben')).toBeVisible();
		await expect(message(fresh.page, 'Before it was lost')).toBeVisible();
		await expect(message(fresh.page, 'An answer')).toBeVisible();
		await says(fresh.page, t, 'Ben', 'I am back');
		await expect(message(ben.page, 'I am back')).toBeVisible();
		await says(ben.page, t, 'Anna', 'So you are');
		await expect(message(fresh.page, 'So you are')).toBeVisible();
		await ben.looksAt('repair-done');
	});
	await liar.stop();
});

test('a change that nobody can read stops a group, until an admin starts it anew', async ({
	arrive,
	server,
	t,
}) => {
	const liar = await Liar.before(server.url);
	const anna = await arrive();
	await founds(anna.page, t, server.code, { organisation: 'Example', name: 'Anna' });
	const ben = await joins(anna, arrive, server, t, 'Ben', liar.url);
	const zoe = await joins(anna, arrive, server, t, 'Zoe');
	const carl = await joins(anna, arrive, server, t, 'Carl');
	await makesGroup(anna.page, t, TITLE, ['Ben', 'Zoe', 'Carl']);
	await says(anna.page, t, TITLE, 'As long as all was well');
	for (const { page } of [ben, zoe, carl]) {
		await opens(page, t, TITLE);
		await expect(message(page, 'As long as all was well')).toBeVisible();
	}
	const talk = anna.page.url();

	await test.step('the app of Ben, an admin, makes a change that the server takes and nobody can follow', async () => {
		await anna.page.goto(`${talk}/details`);
		await menuOf(anna.page, t, 'Ben').click();
		await anna.page.getByRole('menuitem', { name: t('groups:act.admin') }).click();
		await ben.page.goto(`${ben.page.url()}/details`);
		const rule = ben.page.getByText(t('groups:rules.announcements'), { exact: true });
		await expect(rule).toBeVisible();
		for (const { context } of [zoe, carl]) await context.setOffline(true);
		liar.lies.asks = (method, params) => {
			if (method !== 'conversations.commit') return;
			const commit = new Uint8Array(params.commit as Uint8Array);
			// the end is the membership tag, which the server can't check
			commit[commit.length - 1] = (commit.at(-1) ?? 0) ^ 1;
			params.commit = commit;
			liar.lies = {};
		};
		await rule.click();
	});

	await test.step('Anna is asked, as the others are away, and keeps on writing meanwhile', async () => {
		await anna.page.goto(talk);
		await expect(anna.page.getByRole('button', { name: t('composer:stuck.start') })).toBeVisible();
		await anna.looksAt('restart-asked');
		await says(anna.page, t, TITLE, 'Written while it stood still');
		await anna.page.getByRole('button', { name: t('composer:stuck.start') }).click();
		await expect(anna.page.getByRole('button', { name: t('composer:stuck.start') })).toBeHidden();
	});

	await test.step('all others go on, with what was said before', async () => {
		for (const { context } of [zoe, carl]) await context.setOffline(false);
		for (const { page } of [zoe, carl]) {
			await expect(message(page, 'Written while it stood still')).toBeVisible();
			await expect(message(page, 'As long as all was well')).toBeVisible();
		}
		await says(zoe.page, t, TITLE, 'Here we are again');
		await expect(message(anna.page, 'Here we are again')).toBeVisible();
		await expect(message(carl.page, 'Here we are again')).toBeVisible();
		await expect(composer(ben.page, t, TITLE)).toBeHidden();
		await anna.looksAt('restart-done');
	});
	await liar.stop();
});

function row(page: Page, t: TFunction, title: string) {
	return page
		.getByRole('navigation', { name: t('home:title') })
		.getByRole('link', { name: new RegExp(title) })
		.first();
}
