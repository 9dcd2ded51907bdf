/**
 * Messages that disappear: one sets it, both see it, and they are gone. An hour passes by the clock of the server, which is the one
 * that counts; the browsers are still where they were, as devices whose clock is an hour behind. That nothing of them is left in any store
 * either is looked for where all time can be moved (`simulation::timed`).
 */
import { ahead } from '../support/clock';
import { founds, invites, registers, signsIn } from '../support/entry';
import { expect, test } from '../support/fixtures';
import { composer, message, opens, says, writesTo } from '../support/talk';

const HOUR_S = 3600;

test('two people make their messages disappear', async ({ arrive, server, t }) => {
	const anna = await arrive();
	const passphrase = await founds(anna.page, t, server.code, { organisation: 'Example', name: 'Anna' });
	const link = await invites(anna.page, t);
	const ben = await arrive();
	await registers(ben.page, t, server.here(link), 'Ben');
	const after = t('timer:choice.day');
	const mark = t('timer:mark', { after });

	await test.step('Anna sets a day in the details', async () => {
		await writesTo(anna.page, t, 'Ben');
		await says(anna.page, t, 'Ben', 'This stays');
		await opens(ben.page, t, 'Anna');
		await expect(message(ben.page, 'This stays')).toBeVisible();
		const talk = anna.page.url();
		await anna.page.goto(`${talk}/details`);
		await expect(anna.page.getByText(t('timer:honest'))).toBeVisible();
		await anna.page.getByRole('radio', { name: after }).check({ force: true });
		await anna.page.goto(talk);
		await expect(anna.page.getByText(t('timeline:system.timerOwn.on', { after }))).toBeVisible();
	});

	await test.step('both see who set it, the mark, and write what disappears', async () => {
		for (const who of [anna, ben]) {
			await expect(who.page.getByRole('img', { name: mark }).first()).toBeVisible();
		}
		await expect(
			ben.page
				.getByText(/Anna.*/)
				.filter({ hasText: after })
				.first(),
		).toBeVisible();
		await says(ben.page, t, 'Anna', 'Gone by tomorrow');
		await expect(message(anna.page, 'Gone by tomorrow')).toBeVisible();
		await anna.looksAt('timed');
	});

	await test.step('Ben turns it off again', async () => {
		const talk = ben.page.url();
		await ben.page.goto(`${talk}/details`);
		await ben.page.getByRole('radio', { name: t('timer:choice.off') }).check({ force: true });
		await ben.page.goto(talk);
		await expect(ben.page.getByText(t('timeline:system.timerOwn.off'))).toBeVisible();
		await expect(composer(anna.page, t, 'Ben')).toBeVisible();
		await expect(anna.page.getByRole('img', { name: mark })).toHaveCount(0);
	});

	const hour = t('timer:choice.hour');
	await test.step('he sets an hour, and a message that stays that long is read by both', async () => {
		const talk = ben.page.url();
		await ben.page.goto(`${talk}/details`);
		await ben.page.getByRole('radio', { name: hour }).check({ force: true });
		await ben.page.goto(talk);
		await expect(
			anna.page.getByRole('img', { name: t('timer:mark', { after: hour }) }).first(),
		).toBeVisible();
		await says(anna.page, t, 'Ben', 'For an hour');
		await expect(message(ben.page, 'For an hour')).toBeVisible();
		await says(ben.page, t, 'Anna', 'Read it');
		await expect(message(anna.page, 'Read it')).toBeVisible();
	});

	await test.step('an hour later it is gone from both, and nothing else is', async () => {
		await server.kill();
		await server.startAgain(ahead(HOUR_S + 60));
		for (const who of [anna, ben]) {
			for (const text of ['For an hour', 'Read it']) await expect(message(who.page, text)).toHaveCount(0);
			for (const text of ['This stays', 'Gone by tomorrow'])
				await expect(message(who.page, text)).toBeVisible();
		}
		await ben.looksAt('timed-gone');
	});

	await test.step('nor does a fresh browser get it', async () => {
		const fresh = await arrive();
		await signsIn(fresh.page, t, { name: 'Anna', passphrase });
		await opens(fresh.page, t, 'Ben');
		await expect(message(fresh.page, 'Gone by tomorrow')).toBeVisible();
		for (const text of ['For an hour', 'Read it']) await expect(message(fresh.page, text)).toHaveCount(0);
	});
});
