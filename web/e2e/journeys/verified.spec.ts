/**
 * Who is sure of whom: two people compare by camera, both ways, also with somebody else's code and where the camera is not allowed.
 * Then whoever has the server in hand puts somebody else in the place of one of them.
 */
import type { Page } from '@playwright/test';
import type { TFunction } from 'i18next';
import { isolate } from '../../src/features/timeline/model/clean';
import { Camera } from '../support/camera';
import { beginsAnew, founds, resets, signsIn } from '../support/entry';
import { test as base, expect, joins, joinsWithPassphrase, type Person } from '../support/fixtures';
import { accepts, isBlocked, isTold, isUnmarked } from '../support/identity';
import { Liar } from '../support/liar';
import { composer, opens, says, writesTo } from '../support/talk';

// biome-ignore lint/complexity/noBannedTypes: the form that Playwright asks for
const test = base.extend<{}, { camera: Camera }>({
	camera: [
		// biome-ignore lint/correctness/noEmptyPattern: the form that Playwright asks for
		async ({}, use) => {
			const camera = new Camera();
			await use(camera);
			camera.remove();
		},
		{ scope: 'worker' },
	],
	browser: [
		async ({ playwright, camera }, use) => {
			const browser = await playwright.chromium.launch(camera.browser);
			await use(browser);
			await browser.close();
		},
		{ scope: 'worker' },
	],
});

test('two people verify each other by camera, and somebody else in the place of one is found out', async ({
	arrive,
	server,
	t,
	camera,
}) => {
	// five browsers come and go: on a busy machine they take their time
	test.setTimeout(300_000);
	const liar = await Liar.before(server.url);
	const zoe = await arrive();
	await founds(zoe.page, t, server.code, { organisation: 'Example', name: 'Zoe' });
	const anna = await joins(zoe, arrive, server, t, 'Anna', liar.url);
	const { who: ben, passphrase } = await joinsWithPassphrase(zoe, arrive, server, t, 'Ben');
	const laptop = await arrive();
	await signsIn(laptop.page, t, { name: 'Ben', passphrase });
	await ben.page.getByRole('button', { name: t('settings:notices.mine') }).click();
	await writesTo(anna.page, t, 'Ben');
	await says(anna.page, t, 'Ben', 'Only for Ben');
	for (const { page } of [ben, laptop]) await opens(page, t, 'Anna');

	await test.step('where the camera is not allowed it says what to do, and the numbers are there', async () => {
		await verifies(anna.page, t, 'Ben');
		await verifies(ben.page, t, 'Anna');
		await scans(ben.page, t, 'Anna');
		await expect(ben.page.getByText(t('safety:scan.problem.denied'))).toBeVisible();
		await ben.looksAt('verify-camera-denied');
		await ben.page.getByRole('button', { name: t('safety:scan.compareNumbers') }).click();
		expect(await number(ben.page, t)).toBe(await number(anna.page, t));
		await anna.looksAt('verify-code');
	});

	await test.step('the code of two other people gives a warning and no mark', async () => {
		for (const { context } of [anna, ben]) await context.grantPermissions(['camera']);
		await writesTo(zoe.page, t, 'Anna');
		await verifies(zoe.page, t, 'Anna');
		await camera.sees(code(zoe.page, t));
		await scans(ben.page, t, 'Anna');
		await finds(ben.page, t, 'Anna', 'otherPerson');
		await ben.looksAt('verify-other-person');
		await isUnmarked(laptop.page, t, 'Anna');
	});

	await test.step('Ben scans the code of Anna, and the mark is on all his devices', async () => {
		await camera.sees(code(anna.page, t));
		await scansAgain(ben.page, t);
		await finds(ben.page, t, 'Anna', 'match');
		await ben.looksAt('verify-match');
		await isMarked(laptop, t);
		await laptop.looksAt('verified-elsewhere');
	});

	await test.step('and Anna that of Ben', async () => {
		await camera.sees(code(ben.page, t));
		await scans(anna.page, t, 'Ben');
		await finds(anna.page, t, 'Ben', 'match');
		for (const [{ page }, name] of [
			[anna, 'Ben'],
			[ben, 'Anna'],
		] as const) {
			await returns(page);
			await expect(page.getByText(t('people:details.verified'), { exact: true })).toBeVisible();
			await page.goto(page.url().replace(/\/details$/, ''));
			await expect(composer(page, t, name)).toBeVisible();
		}
		for (const who of [anna, ben]) await isMarked(who, t);
		await ben.looksAt('verified');
	});

	await test.step('somebody begins anew as Ben, and the server that Anna asks says nothing of a reset', async () => {
		await verifies(ben.page, t, 'Anna');
		for (const { context } of [ben, laptop]) await context.setOffline(true);
		liar.lies.answers = (method, ok) => {
			if (method !== 'people.get' && method !== 'people.find') return;
			for (const person of ok.people as Record<string, unknown>[]) delete person.reset;
		};
		const link = await resets(zoe.page, t, 'Ben');
		const stranger = await arrive();
		await beginsAnew(stranger.page, t, server.here(link), 'ben');
	});

	await test.step('Anna is told, nothing is sent, and the mark is gone', async () => {
		await isTold(anna.page, t, 'Ben', 'unknown');
		await anna.looksAt('unknown-dialog');
		await anna.page.getByRole('button', { name: t('safety:changed.later') }).click();
		await isBlocked(anna.page, t, 'Ben', 'unknown');
		await anna.looksAt('unknown-blocked');
		await anna.page.getByRole('button', { name: t('composer:blocked.review') }).click();
	});

	await test.step('the code on the screen of the real Ben is not the one that she was given', async () => {
		await anna.page
			.getByRole('alertdialog')
			.getByRole('button', { name: t('safety:changed.compare') })
			.click();
		const here = t('safety:changed.unknown.here', { name: isolate('Ben') });
		await expect(anna.page.getByText(here)).toBeVisible();
		await camera.sees(code(ben.page, t));
		await scans(anna.page, t, 'Ben');
		await finds(anna.page, t, 'Ben', 'mismatch');
		await anna.looksAt('verify-mismatch');
		await returns(anna.page);
		await isBlocked(anna.page, t, 'Ben', 'unknown');
	});

	await test.step('who accepts all the same writes again, and sees no mark', async () => {
		await anna.page.getByRole('button', { name: t('composer:blocked.review') }).click();
		await accepts(anna.page, t);
		await expect(composer(anna.page, t, 'Ben')).toBeVisible();
		await isUnmarked(anna.page, t, 'Ben');
	});
	await liar.stop();
});

/** Goes to where one compares with who is in the open conversation. */
async function verifies(page: Page, t: TFunction, name: string): Promise<void> {
	const link = page.getByRole('link', { name: t('people:details.verify', { name: isolate(name) }) });
	if (!page.url().endsWith('/details')) await page.goto(`${page.url()}/details`);
	await link.click();
	await expect(page.getByRole('list', { name: t('safety:number.title') })).toBeVisible();
	await expect(code(page, t)).toBeVisible();
}

/** Back to where one came from. */
async function returns(page: Page): Promise<void> {
	await page.goBack();
	await expect(page).not.toHaveURL(/\/verify\//);
}

function code(page: Page, t: TFunction) {
	return page.getByRole('img', { name: t('safety:qr.label') });
}

async function number(page: Page, t: TFunction): Promise<string> {
	const groups = page.getByRole('list', { name: t('safety:number.title') }).getByRole('listitem');
	const digits = (await groups.allTextContents()).join('');
	expect(digits).toMatch(/^\d{60}$/);
	return digits;
}

async function scans(page: Page, t: TFunction, name: string): Promise<void> {
	await page.getByRole('button', { name: t('safety:scan.start', { name: isolate(name) }) }).click();
}

async function scansAgain(page: Page, t: TFunction): Promise<void> {
	await page.getByRole('button', { name: t('safety:scan.again') }).click();
}

/** What is said of the code; only one that matches marks somebody. */
async function finds(
	page: Page,
	t: TFunction,
	name: string,
	result: 'match' | 'mismatch' | 'otherPerson',
): Promise<void> {
	const who = { name: isolate(name) };
	await expect(page.getByText(t(`safety:result.${result}`, who))).toBeVisible();
	const marked = page.getByText(t('safety:mark.verified', who));
	// wherever one was on the page
	await expect(page.getByText(t(`safety:result.${result}`, who))).toBeInViewport();
	const same = page.getByRole('button', { name: t('safety:mark.set') });
	if (result === 'mismatch') await expect(same).toHaveCount(0);
	if (result === 'match') await expect(marked).toBeVisible();
	else await expect(marked).toHaveCount(0);
}

/** Both views of a conversation say it: the one that is open, and the list, which a phone shows alone. */
async function isMarked({ page, look }: Person, t: TFunction): Promise<void> {
	const mark = page.getByRole('img', { name: t('home:row.verified') });
	await expect(mark.filter({ visible: true })).toHaveCount(look.size === 'phone' ? 1 : 2);
	if (look.size !== 'phone') return;
	const talk = page.url();
	await page.goto('/');
	await expect(mark).toBeVisible();
	await page.goto(talk);
	await expect(mark.first()).toBeVisible();
}
