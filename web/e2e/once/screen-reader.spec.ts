/** The timeline as a screen reader has it: one log, messages with names that say all, and what arrives is said once. */
import { founds, invites, registers } from '../support/entry';
import { expect, test } from '../support/fixtures';
import { accessibilityTree, all, heard, listens } from '../support/screen-reader';
import { composer, message, opens, says, stands, writesTo } from '../support/talk';

test('the timeline is a log of messages with names, and says what arrives', async ({ arrive, server, t }) => {
	const anna = await arrive();
	await founds(anna.page, t, server.code, { organisation: 'Example', name: 'Anna' });
	const link = await invites(anna.page, t);
	await anna.page.getByRole('button', { name: t('entry:ready.toConversations') }).click();
	const ben = await arrive();
	await registers(ben.page, t, server.here(link), 'Ben');
	const { page } = ben;
	await writesTo(anna.page, t, 'Ben');
	await says(anna.page, t, 'Ben', 'Are you there?');
	await opens(page, t, 'Anna');
	await expect(message(page, 'Are you there?')).toBeVisible();
	await says(page, t, 'Anna', 'I am');
	await expect(message(anna.page, 'I am')).toBeVisible();
	await stands(page, t, 'I am', 'read');
	const row = page.getByRole('navigation', { name: t('home:title') }).getByRole('link', { name: /Anna/ });
	await expect(row.getByRole('img'), 'the list says the same').toHaveAccessibleName(t('timeline:state.read'));

	await test.step('in the tree there is one log, with each message by its name, in order', async () => {
		const tree = await accessibilityTree(page);
		// those without a name are where react-aria announces things; they are empty
		const [log, ...others] = all(tree, 'log').filter(({ name }) => name !== '');
		expect(others).toEqual([]);
		if (!log) throw new Error('there is no log');
		expect(log.name).toBe(t('timeline:log', { title: 'Anna' }));
		// it is quiet itself: rows also come and go by scrolling
		expect(log.properties).not.toMatchObject({ busy: true });
		const names = all([log], 'article').map(({ name }) => name);
		const [started, first, second] = names;
		expect(started).toMatch(/Anna/);
		expect(first).toMatch(/^Anna, .*\d.*: Are you there\?$/);
		expect(second).toMatch(new RegExp(`, ${t('timeline:state.read')}: I am$`));
		expect(names, 'nothing else speaks as a message').toHaveLength(3);
		expect(JSON.stringify(all([log], 'StaticText').map(({ name }) => name))).toContain(t('timeline:today'));
		const [field] = all(tree, 'textbox').filter(
			({ name }) => name === t('composer:label', { title: 'Anna' }),
		);
		expect(field, 'the field says whom one writes to').toBeDefined();
		const stops = await page.getByRole('log').locator('[tabindex="0"]').count();
		expect(stops, 'the timeline is one stop for the Tab key').toBe(1);
	});

	await test.step('what arrives is said, once; what oneself writes is not', async () => {
		await listens(page);
		await says(anna.page, t, 'Ben', 'First');
		await expect.poll(() => heard(page)).toContain(t('timeline:arrived', { sender: 'Anna', text: 'First' }));
		await says(page, t, 'Anna', 'My answer');
		await stands(page, t, 'My answer', 'read');
		// the same words again are news again
		await composer(anna.page, t, 'Ben').fill('First');
		await composer(anna.page, t, 'Ben').press('Enter');
		const said = t('timeline:arrived', { sender: 'Anna', text: 'First' });
		await expect.poll(async () => (await heard(page)).filter((text) => text === said).length).toBe(2);
		expect((await heard(page)).filter((text) => text.includes('My answer'))).toEqual([]);
	});

	await test.step('what is only loaded is not said', async () => {
		await page.reload();
		await listens(page);
		await expect(message(page, 'My answer')).toBeVisible();
		await expect(composer(page, t, 'Anna')).toBeVisible();
		await says(anna.page, t, 'Ben', 'Last');
		await expect.poll(() => heard(page)).toContain(t('timeline:arrived', { sender: 'Anna', text: 'Last' }));
		expect((await heard(page)).filter((text) => text.includes('First'))).toEqual([]);
	});
});
