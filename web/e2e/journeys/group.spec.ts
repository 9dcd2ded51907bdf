/** The life of a group: people come, read what they may, change it, and go; and everybody sees who did what. */
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import type { TFunction } from 'i18next';
import { isolate } from '../../src/features/timeline/model/clean';
import { founds } from '../support/entry';
import { expect, joins, test } from '../support/fixtures';
import { adds, menuOf, readsThat } from '../support/groups';
import { composer, message, opens, says } from '../support/talk';

const TITLE = 'Desk';
/** Any picture will do: wider than high or not, and no JPEG. */
const PICTURE = fileURLToPath(new URL('../../../docs/images/phone.png', import.meta.url));

test('a group with four people, two of them later', async ({ arrive, server, t }) => {
	// four people, and a dozen changes of the group
	test.setTimeout(300_000);
	const anna = await arrive();
	await founds(anna.page, t, server.code, { organisation: 'Example', name: 'Anna' });
	const ben = await joins(anna, arrive, server, t, 'Ben');
	const zoe = await joins(anna, arrive, server, t, 'Zoe');
	const carl = await joins(anna, arrive, server, t, 'Carl');
	const who = (name: string, ...names: string[]) => ({
		name: isolate(name),
		names: names.map(isolate).join(),
		count: names.length,
	});

	/** In the details, where Anna is. */
	async function rule(which: 'announcements' | 'historyAll', on: boolean): Promise<void> {
		const label = t(`groups:rules.${which}`);
		await anna.page.getByText(label, { exact: true }).click();
		await expect(anna.page.getByRole('switch', { name: label })).toBeChecked({ checked: on });
	}

	await test.step('Anna makes it with Ben, and both talk', async () => {
		await anna.page.goto('/new');
		await anna.page.getByRole('link', { name: t('people:new.group') }).click();
		await chooses(anna.page, t, 'Ben');
		await anna.looksAt('group-choosing');
		await anna.page.getByRole('button', { name: t('groups:new.next') }).click();
		await anna.page.getByRole('textbox', { name: t('groups:new.name') }).fill(TITLE);
		await anna.looksAt('group-naming');
		await anna.page.getByRole('button', { name: t('groups:new.create') }).click();
		await expect(composer(anna.page, t, TITLE)).toBeVisible();
		await says(anna.page, t, TITLE, 'Before Zoe came');
		await opens(ben.page, t, TITLE);
		await expect(message(ben.page, 'Before Zoe came')).toBeVisible();
		await says(ben.page, t, TITLE, 'Ben is here');
		await expect(message(anna.page, 'Ben is here')).toBeVisible();
		await readsThat(anna.page, t, TITLE, t('timeline:system.createdOwn'));
		await readsThat(ben.page, t, TITLE, t('timeline:system.created', who('Anna')));
	});

	await test.step('Anna gives it a picture, and Ben sees it', async () => {
		await details(anna.page, t);
		await expect(pictures(anna.page)).toHaveCount(0);
		await anna.page.locator('input[type=file]').setInputFiles(PICTURE);
		await expect(anna.page.getByRole('button', { name: t('groups:picture.change') })).toBeVisible();
		await showsPicture(anna.page);
		await showsPicture(ben.page);
		await expect(told(ben.page, t('timeline:system.pictured', { name: '' }))).toBeVisible();
		await anna.page.locator('input[type=file]').setInputFiles({
			name: 'words.png',
			mimeType: 'image/png',
			buffer: Buffer.from('no picture'),
		});
		await expect(anna.page.getByText(t('groups:picture.problem.unreadable'))).toBeVisible();
		await back(anna.page);
		await ben.looksAt('group-picture');
	});

	await test.step('Zoe is added: she knows what it is called and how it looks, and reads what is written from then on', async () => {
		await details(anna.page, t);
		await adds(anna.page, t, 'Zoe', 'fromNow', () => anna.looksAt('group-adding'));
		await anna.page.mouse.move(0, 0); // what she pressed is away: under the pointer would be whatever came in its place
		await anna.looksAt('group-details');
		await opens(zoe.page, t, TITLE);
		await back(anna.page);
		await says(anna.page, t, TITLE, 'Welcome Zoe');
		await expect(message(zoe.page, 'Welcome Zoe')).toBeVisible();
		await expect(message(zoe.page, 'Before Zoe came')).toBeHidden();
		await readsThat(anna.page, t, TITLE, t('timeline:system.addedOwn', who('Anna', 'Zoe')));
		for (const { page } of [ben, zoe])
			await readsThat(page, t, TITLE, t('timeline:system.added', who('Anna', 'Zoe')));
		await showsPicture(zoe.page);
		await zoe.looksAt('group-newcomer');
	});

	await test.step('it gets another name, and everybody sees who gave it', async () => {
		await details(anna.page, t);
		await anna.page.getByRole('button', { name: t('groups:rename.action') }).click();
		const dialog = anna.page.getByRole('dialog');
		await dialog.getByRole('textbox', { name: t('groups:new.name') }).fill('News desk');
		await dialog.getByRole('button', { name: t('groups:rename.save') }).click();
		await expect(composer(zoe.page, t, 'News desk')).toBeVisible();
		const named = { ...who('Anna'), title: isolate('News desk') };
		for (const { page } of [ben, zoe])
			await readsThat(page, t, 'News desk', t('timeline:system.titled', named));
	});

	await test.step('its picture is taken away', async () => {
		await details(anna.page, t);
		await anna.page.getByRole('button', { name: t('groups:picture.remove') }).click();
		for (const { page } of [anna, ben, zoe]) await expect(pictures(page)).toHaveCount(0);
		await expect(told(zoe.page, t('timeline:system.unpictured', { name: '' }))).toBeVisible();
	});

	await test.step('only admins write for a while', async () => {
		await rule('announcements', true);
		await expect(composer(ben.page, t, 'News desk')).toBeHidden();
		await readsThat(ben.page, t, 'News desk', t('timeline:system.announcements.on', who('Anna')));
		await ben.looksAt('group-announcements');
		await rule('announcements', false);
		await expect(composer(ben.page, t, 'News desk')).toBeVisible();
		await readsThat(ben.page, t, 'News desk', t('timeline:system.announcements.off', who('Anna')));
	});

	await test.step('Ben reads only, is an admin, and a member again', async () => {
		await gives('readOnly');
		await expect(ben.page.getByText(t('composer:blocked.reading'))).toBeVisible();
		await gives('admin');
		await expect(composer(ben.page, t, 'News desk')).toBeVisible();
		await gives('member');
		await expect(composer(ben.page, t, 'News desk')).toBeVisible();
		await ben.looksAt('group-roles');

		async function gives(role: 'readOnly' | 'admin' | 'member'): Promise<void> {
			await menuOf(anna.page, t, 'Ben').click();
			await anna.page.getByRole('menuitem', { name: t(`groups:act.${role}`) }).click();
			await readsThat(ben.page, t, 'News desk', t(`timeline:system.role.${role}`, who('Anna', 'Ben')));
			await readsThat(zoe.page, t, 'News desk', t(`timeline:system.role.${role}`, who('Anna', 'Ben')));
		}
	});

	await test.step('who comes while earlier messages are open reads them, back to where they were closed', async () => {
		await says(ben.page, t, 'News desk', 'Before opening');
		await rule('historyAll', true);
		await readsThat(ben.page, t, 'News desk', t('timeline:system.historyAll.on', who('Anna')));
		await adds(anna.page, t, 'Carl', 'historyAll');
		await opens(carl.page, t, 'News desk');
		await expect(message(carl.page, 'Welcome Zoe')).toBeVisible();
		await expect(message(carl.page, 'Before opening')).toBeVisible();
		// the way back was cut when Zoe came, for good
		await expect(message(carl.page, 'Before Zoe came')).toHaveCount(0);
		await carl.looksAt('group-newcomer-reads-earlier');
		await rule('historyAll', false);
		await readsThat(ben.page, t, 'News desk', t('timeline:system.historyAll.off', who('Anna')));
	});

	await test.step('Ben is removed: he keeps what he had, and reads nothing new', async () => {
		await menuOf(anna.page, t, 'Ben').click();
		await anna.page.getByRole('menuitem', { name: t('groups:act.remove') }).click();
		await anna.page
			.getByRole('alertdialog')
			.getByRole('button', { name: t('groups:remove.confirm') })
			.click();
		await expect(menuOf(anna.page, t, 'Ben')).toBeHidden();
		await expect(composer(ben.page, t, 'News desk')).toBeHidden();
		await back(anna.page);
		await says(anna.page, t, 'News desk', 'Without Ben');
		await expect(message(zoe.page, 'Without Ben')).toBeVisible();
		await expect(message(ben.page, 'Ben is here')).toBeVisible();
		await expect(message(ben.page, 'Without Ben')).toBeHidden();
		await ben.looksAt('group-removed');
		await readsThat(anna.page, t, 'News desk', t('timeline:system.removedOwn', who('Anna', 'Ben')));
		await readsThat(zoe.page, t, 'News desk', t('timeline:system.removed', who('Anna', 'Ben')));
		await anna.looksAt('group-rows');
	});

	await test.step('Anna leaves, who governed it alone: Zoe sees that, and does in her place', async () => {
		await details(anna.page, t);
		await anna.page.getByRole('button', { name: t('groups:leave.action') }).click();
		const dialog = anna.page.getByRole('alertdialog');
		await expect(dialog.getByText(t('groups:leave.lastAdmin'))).toBeVisible();
		await anna.looksAt('group-leaving');
		await dialog.getByRole('button', { name: t('groups:leave.confirm') }).click();
		await expect(dialog).toBeHidden();
		await back(anna.page);
		await expect(anna.page.getByText(t('composer:blocked.left'))).toBeVisible();
		await says(zoe.page, t, 'News desk', 'On my own');
		await expect(message(zoe.page, 'On my own')).toBeVisible();
		await expect(message(anna.page, 'On my own')).toBeHidden();
		await readsThat(anna.page, t, 'News desk', t('timeline:system.leftOwn'));
		await readsThat(zoe.page, t, 'News desk', t('timeline:system.left', who('Anna')));
		await readsThat(zoe.page, t, 'News desk', t('timeline:system.successor', who('Anna', 'Zoe')));
		await zoe.looksAt('group-left');
		await anna.looksAt('group-left-own');
	});

	await test.step('she lets Ben in again, and what was said without him stays closed to him', async () => {
		await details(zoe.page, t);
		await adds(zoe.page, t, 'Ben', 'fromNow');
		await back(zoe.page);
		await says(zoe.page, t, 'News desk', 'Ben is back');
		await expect(message(ben.page, 'Ben is back')).toBeVisible();
		await expect(message(ben.page, 'Ben is here')).toBeVisible();
		for (const text of ['Without Ben', 'On my own']) await expect(message(ben.page, text)).toHaveCount(0);
		await readsThat(ben.page, t, 'News desk', t('timeline:system.added', who('Zoe', 'Ben')));
		await ben.looksAt('group-back-again');
	});
});

/** Everywhere where the group's picture stands. */
function pictures(page: Page) {
	return page.locator('img[src^="blob:"]');
}

/** It is there, and the browser could read it. */
async function showsPicture(page: Page): Promise<void> {
	const width = () =>
		pictures(page)
			.first()
			.evaluate((img: HTMLImageElement) => img.naturalWidth);
	await expect.poll(width).toBe(256);
}

/** A row that tells of something, whoever did it. */
function told(page: Page, words: string) {
	return page.getByRole('log').getByText(words.trim()).last();
}

async function chooses(page: Page, t: TFunction, name: string): Promise<void> {
	await page.getByRole('searchbox', { name: t('groups:picker.search') }).fill(name);
	await page.getByRole('option', { name: new RegExp(name) }).click();
}

async function details(page: Page, t: TFunction): Promise<void> {
	if (!page.url().endsWith('/details')) await page.goto(`${page.url()}/details`);
	await expect(page.getByRole('button', { name: t('groups:rename.action') })).toBeVisible();
}

async function back(page: Page): Promise<void> {
	await page.goto(page.url().replace(/\/details$/, ''));
	await expect(page.getByRole('log', { name: /./ })).toBeVisible();
}
