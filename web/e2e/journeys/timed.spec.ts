/** Messages that disappear: one sets it, both see it. That they are gone in the end is shown where time can be moved (`simulation::timed`). */
import { founds, invites, registers } from '../support/entry';
import { expect, test } from '../support/fixtures';
import { composer, message, opens, says, writesTo } from '../support/talk';

test('two people make their messages disappear', async ({ arrive, server, t }) => {
	const anna = await arrive();
	await founds(anna.page, t, server.code, { organisation: 'Example', name: 'Anna' });
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
});
