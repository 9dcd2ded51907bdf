/** The life of a group: people come, read what they may, and go. */
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import type { TFunction } from 'i18next';
import { founds, invites, registers } from '../support/entry';
import { expect, test } from '../support/fixtures';
import { composer, message, opens, says } from '../support/talk';

const TITLE = 'Desk';
/** Any picture will do: wider than high or not, and no JPEG. */
const PICTURE = fileURLToPath(new URL('../../../docs/images/phone.png', import.meta.url));

test('a group with three people, one of them later', async ({ arrive, server, t }) => {
	const anna = await arrive();
	await founds(anna.page, t, server.code, { organisation: 'Example', name: 'Anna' });
	const people = [];
	for (const name of ['Ben', 'Zoe']) {
		const link = await invites(anna.page, t);
		const who = await arrive();
		await registers(who.page, t, server.here(link), name);
		people.push(who);
		await anna.page.goto('/settings/invite');
	}
	const [ben, zoe] = people;
	if (!ben || !zoe) throw new Error('somebody is missing');

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
		await anna.page.getByRole('button', { name: t('groups:members.add') }).click();
		const dialog = anna.page.getByRole('dialog');
		await dialog.getByRole('searchbox', { name: t('groups:picker.search') }).fill('Zoe');
		await dialog.getByRole('option', { name: /Zoe/ }).click();
		await anna.looksAt('group-adding');
		await dialog.getByRole('button', { name: t('groups:add.confirmCount', { count: 1 }) }).click();
		await expect(dialog).toBeHidden();
		await expect(menuOf(anna.page, t, 'Zoe')).toBeVisible();
		await anna.page.mouse.move(0, 0); // what she pressed is away: under the pointer would be whatever came in its place
		await anna.looksAt('group-details');
		await opens(zoe.page, t, TITLE);
		await back(anna.page);
		await says(anna.page, t, TITLE, 'Welcome Zoe');
		await expect(message(zoe.page, 'Welcome Zoe')).toBeVisible();
		await expect(message(zoe.page, 'Before Zoe came')).toBeHidden();
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
		await expect(composer(ben.page, t, 'News desk')).toBeVisible();
	});

	await test.step('its picture is taken away', async () => {
		await details(anna.page, t);
		await anna.page.getByRole('button', { name: t('groups:picture.remove') }).click();
		for (const { page } of [anna, ben, zoe]) await expect(pictures(page)).toHaveCount(0);
		await expect(told(zoe.page, t('timeline:system.unpictured', { name: '' }))).toBeVisible();
	});

	await test.step('only admins write for a while', async () => {
		const rule = anna.page.getByRole('switch', { name: t('groups:rules.announcements') });
		await anna.page.getByText(t('groups:rules.announcements'), { exact: true }).click();
		await expect(rule).toBeChecked();
		await expect(composer(ben.page, t, 'News desk')).toBeHidden();
		await ben.looksAt('group-announcements');
		await anna.page.getByText(t('groups:rules.announcements'), { exact: true }).click();
		await expect(composer(ben.page, t, 'News desk')).toBeVisible();
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
		await zoe.looksAt('group-left');
		await anna.looksAt('group-left-own');
		await details(zoe.page, t);
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

function menuOf(page: Page, t: TFunction, name: string) {
	return page.getByRole('button', {
		name: new RegExp(t('groups:members.menu', { name: `\\W?${name}\\W?` })),
	});
}

async function details(page: Page, t: TFunction): Promise<void> {
	if (!page.url().endsWith('/details')) await page.goto(`${page.url()}/details`);
	await expect(page.getByRole('button', { name: t('groups:rename.action') })).toBeVisible();
}

async function back(page: Page): Promise<void> {
	await page.goto(page.url().replace(/\/details$/, ''));
	await expect(page.getByRole('log')).toBeVisible();
}
