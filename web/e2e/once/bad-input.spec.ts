/** What people type or paste to do harm, on a phone: it is text, tells the truth, breaks no layout, and breaks no policy. */
import type { Page } from '@playwright/test';
import { founds, invites, registers, signsIn, ticks } from '../support/entry';
import { expect, test } from '../support/fixtures';
import { standsOut } from '../support/layout';
import { composer, message, opens, says, writesTo } from '../support/talk';

const PHONE = { size: 'phone' } as const;

/** Nothing that was typed has run. */
async function ranNothing(page: Page): Promise<void> {
	expect(await page.evaluate(() => 'ran' in window)).toBe(false);
	expect(await page.locator('main script, main svg[onload], main img[onerror], main b').count()).toBe(0);
}

test('code, lying links, and what is too long or too high stay text in its place', async ({
	arrive,
	server,
	t,
}) => {
	const organisation = '<svg onload="window.ran=1">Org</svg>';
	const named = '<img src=x onerror=window.ran=1>';
	const marked = `Z${'\u0351\u0316'.repeat(15)}oe`;
	// as it is shown: marks do not cover the lines around
	const shown = `Z${'\u0351\u0316'.repeat(15)}oe`.normalize('NFC').replace(/(\p{M}{8})\p{M}+/gu, '$1');
	const anna = await arrive(PHONE);
	await founds(anna.page, t, server.code, { organisation, name: named, loginName: 'anna' });
	const link = await invites(anna.page, t);
	await anna.page.getByRole('button', { name: t('entry:ready.toConversations') }).click();
	await expect(anna.page.getByText(organisation)).toBeVisible();
	const zoe = await arrive(PHONE);
	await registers(zoe.page, t, server.here(link), marked, undefined, 'zoe');
	await ranNothing(anna.page);

	await writesTo(anna.page, t, shown);
	const code = [
		'<script>window.ran = 1</script><b>bold</b>',
		'<svg onload="window.ran=1"><circle r="50"/></svg>',
		'<img src=x onerror="window.ran=1">',
		'javascript:window.ran=1 [here](javascript:window.ran=1) data:text/html,<script>window.ran=1</script>',
	];
	await test.step('code is text, in names and messages', async () => {
		for (const text of code) await says(anna.page, t, shown, text);
		await expect(zoe.page.getByText(organisation)).toBeVisible();
		await opens(zoe.page, t, named);
		for (const text of code) await expect(message(zoe.page, text)).toBeVisible();
		expect(await zoe.page.getByRole('log').getByRole('link').count()).toBe(0);
		await ranNothing(anna.page);
		await ranNothing(zoe.page);
		await zoe.looksAt('bad-input-code');
		expect(await standsOut(zoe.page)).toEqual([]);
		expect(await standsOut(anna.page)).toEqual([]);
	});

	await test.step('a link that lies tells its true host, and asks before it is opened', async () => {
		await says(anna.page, t, shown, 'Pay here: https://bank.example@evil.example/login');
		await says(anna.page, t, shown, 'or at https://www.bank.com.evil.example/');
		const { page } = zoe;
		const hosts = page.getByRole('log').getByText(t('timeline:link.leads', { host: 'evil.example' }));
		await expect(hosts).toBeVisible();
		await page.getByRole('link', { name: 'https://bank.example@evil.example/login' }).click();
		await expect(
			page.getByRole('alertdialog', { name: t('timeline:link.title', { host: 'evil.example' }) }),
		).toBeVisible();
		await zoe.looksAt('bad-input-lying-link');
		expect(await standsOut(page)).toEqual([]);
		await page.getByRole('button', { name: t('timeline:link.cancel') }).click();
		await page.getByRole('link', { name: 'https://www.bank.com.evil.example/' }).click();
		await page.getByRole('button', { name: t('timeline:link.cancel') }).click();
		expect(zoe.context.pages(), 'nothing was opened').toHaveLength(1);
	});

	await test.step('text that turns the direction around turns nothing', async () => {
		await composer(anna.page, t, shown).fill('photo\u202Egnp.exe');
		await composer(anna.page, t, shown).press('Enter');
		await expect(message(anna.page, 'photognp.exe')).toBeVisible();
		await expect(message(zoe.page, 'photognp.exe')).toBeVisible();
		const tower = `a${'\u0301'.repeat(300)}`;
		await composer(anna.page, t, shown).fill(tower);
		await composer(anna.page, t, shown).press('Enter');
		const row = message(zoe.page, `\u00e1${'\u0301'.repeat(7)}`).or(
			message(zoe.page, `a${'\u0301'.repeat(8)}`),
		);
		await expect(row).toBeVisible();
		expect((await row.boundingBox())?.height, 'no higher than a line').toBeLessThan(80);
	});

	await test.step('a line of 10,000 characters is shown from its beginning, and whole when asked', async () => {
		const line = 'x'.repeat(10_000);
		await composer(anna.page, t, shown).fill(line);
		await composer(anna.page, t, shown).press('Enter');
		const more = zoe.page.getByRole('button', { name: t('timeline:showMore') });
		await expect(more).toBeVisible();
		expect(await standsOut(zoe.page)).toEqual([]);
		await zoe.looksAt('bad-input-long-line');
		await more.click();
		await expect(more).toBeHidden();
		await expect(zoe.page.getByText(line)).toBeAttached();
		expect(await standsOut(zoe.page)).toEqual([]);
	});

	await test.step('a megabyte is not sent, is told so, and stays to be cut', async () => {
		const { page } = anna;
		const field = composer(page, t, shown);
		await field.fill('megabyte '.repeat(120_000));
		await expect(page.getByRole('status').filter({ hasText: '16' })).toContainText(
			/1[.,\s\u202f]080[.,\s\u202f]000/,
		);
		await expect(page.getByRole('button', { name: t('composer:send') })).toBeDisabled();
		await field.press('Enter');
		await expect(field).not.toHaveValue('');
		await anna.looksAt('bad-input-megabyte');
		expect(await standsOut(page)).toEqual([]);
		await field.fill('');
		await says(page, t, shown, 'and life goes on');
		await expect(message(zoe.page, 'and life goes on')).toBeVisible();
		await ranNothing(page);
		await ranNothing(zoe.page);
	});
});

// all that is refused is refused in words, so in both languages
for (const language of ['en', 'fr'] as const) {
	test.describe(language, () => {
		test.use({ look: { language, theme: 'light', size: 'desktop' } });

		test('names that mislead, old and garbled invitations and wrong passphrases are refused in words', async ({
			arrive,
			server,
			t,
		}) => {
			const anna = await arrive(PHONE);
			await founds(anna.page, t, server.code, { organisation: 'Example', name: 'Anna' });
			const link = await invites(anna.page, t);
			const person = await arrive(PHONE);
			const { page } = person;
			const name = page.getByRole('textbox', { name: t('entry:names.display') });
			const login = page.getByRole('textbox', { name: t('entry:names.login') });
			const next = page.getByRole('button', { name: t('entry:next'), exact: true });
			const finish = page.getByRole('button', { name: t('entry:register.finish') });
			const hasWrittenItDown = async () => {
				const label = t('entry:passphrase.writtenDown');
				// it stays ticked on the way back
				if (!(await page.getByRole('checkbox', { name: label }).isChecked())) await ticks(page, label);
			};

			await test.step('an invitation that lost or changed a letter', async () => {
				const garbled = link.slice(0, -12) + (link.at(-12) === 'A' ? 'B' : 'A') + link.slice(-11);
				for (const bad of [
					link.slice(0, -9),
					garbled,
					`${link}AAAA`,
					`${server.url}/i#<script>window.ran=1</script>`,
				]) {
					await page.goto('about:blank');
					await page.goto(server.here(bad));
					await expect(page.getByRole('alert')).toHaveText(t('entry:invitation.unreadable'));
				}
				await person.looksAt('bad-input-garbled-invitation');
				expect(await standsOut(page)).toEqual([]);
			});

			await test.step('names of marks alone, of turned direction, and of another', async () => {
				await page.goto('about:blank');
				await page.goto(server.here(link));
				for (const [shownName, loginName] of [
					['\u0301\u0301\u0301\u0301', 'ben'],
					['Anna\u202E', 'ben'],
					['Ben', 'аnnа'], // Cyrillic
				] as const) {
					await name.fill(shownName);
					await login.fill(loginName);
					await next.click();
					await hasWrittenItDown();
					await finish.click();
					await expect(login, `${JSON.stringify(shownName)}, ${loginName}`).toBeVisible();
					const refused = page.getByRole('alert');
					await expect(refused).toHaveText(
						new RegExp(
							[t('errors:failure.name'), t('errors:server.name_invalid'), t('errors:server.name_taken')]
								.map((text) => text.slice(0, 20))
								.join('|'),
						),
					);
					expect(await standsOut(page)).toEqual([]);
				}
				await person.looksAt('bad-input-name');
			});

			await test.step('an invitation that is used up, as one that is expired is answered', async () => {
				await name.fill('Ben');
				await login.fill('ben');
				await next.click();
				await hasWrittenItDown();
				await finish.click();
				await expect(page.getByRole('heading', { level: 1, name: t('entry:ready.title') })).toBeVisible();
				const late = await arrive(PHONE);
				await late.page.goto(server.here(link));
				await expect(late.page.getByRole('alert')).toHaveText(t('errors:server.invitation_invalid'));
				await late.looksAt('bad-input-used-invitation');
				expect(await standsOut(late.page)).toEqual([]);
			});

			await test.step('a wrong passphrase, also one of a megabyte', async () => {
				const other = await arrive(PHONE);
				for (const passphrase of ['wrong', '<script>window.ran=1</script>', 'long '.repeat(200_000)]) {
					await signsIn(other.page, t, { name: 'Anna', passphrase });
					await expect(other.page.getByRole('alert')).not.toHaveText('');
				}
				await signsIn(other.page, t, { name: 'Anna', passphrase: 'wrong' });
				await expect(other.page.getByRole('alert')).toHaveText(t('errors:server.wrong_name_or_passphrase'));
				await ranNothing(other.page);
				expect(await standsOut(other.page)).toEqual([]);
			});
		});
	});
}
