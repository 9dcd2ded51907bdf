/** What journeys begin with: a server of their own, people with browsers of their own, texts in the language of the run. */

import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { type Browser, type BrowserContext, test as base, expect, type Page } from '@playwright/test';
import type { TFunction } from 'i18next';
import { invites, registers } from './entry';
import { drivable, fillsAsTyped, OF_PLAYWRIGHT } from './firefox';
import { standsOut } from './layout';
import { Server } from './server';
import { type Language, textsOf } from './texts';
import { type Watch, watch } from './watch';

export interface Look {
	language: Language;
	theme: 'light' | 'dark';
	size: 'desktop' | 'phone';
}

const VIEWPORTS = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const SHOTS = join(import.meta.dirname, '..', 'screenshots');

/** A browser of a person: nothing in it is shared with others. */
export class Person {
	private constructor(
		readonly page: Page,
		readonly context: BrowserContext,
		readonly watch: Watch,
		readonly look: Look,
		private readonly shots: string,
		private readonly firefox: boolean,
	) {}

	/** `strict`: the browser refuses certificates that it does not know, as those of people do. */
	static async arrive(
		browser: Browser,
		origin: string,
		look: Look,
		shots: string,
		strict = false,
	): Promise<Person> {
		const phone = look.size === 'phone';
		const context = await browser.newContext({
			baseURL: origin,
			locale: look.language === 'fr' ? 'fr-FR' : 'en-GB',
			colorScheme: look.theme,
			viewport: VIEWPORTS[look.size],
			hasTouch: phone,
			isMobile: phone,
			ignoreHTTPSErrors: !strict && origin.startsWith('https:'),
			permissions: ['clipboard-read', 'clipboard-write'],
		});
		const watched = await watch(context, origin);
		const firefox = browser.browserType().name() === 'firefox';
		if (firefox) {
			watched.expect(OF_PLAYWRIGHT);
			await fillsAsTyped(context);
		}
		return new Person(await context.newPage(), context, watched, look, shots, firefox);
	}

	/**
	 * Looks at what is on the screen: keeps a picture for people, and lets axe look for what keeps people out, in both themes. In
	 * Firefox it is the layout that may be another, and what axe looks at is the same (and one of its rules ends Firefox 153).
	 */
	async looksAt(name: string): Promise<void> {
		const { page } = this;
		await expect(page.getByRole('heading').first()).toBeVisible();
		await page.evaluate(() => document.fonts.ready);
		await page.screenshot({ path: join(SHOTS, this.shots, `${name}.png`) });
		if (this.firefox) {
			expect(await standsOut(page), name).toEqual([]);
			return;
		}
		for (const colorScheme of ['light', 'dark'] as const) {
			await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
			await page.evaluate(drawn);
			const found = await new AxeBuilder({ page }).withTags(TAGS).exclude(ANNOUNCER).analyze();
			const wrong = found.violations.map(({ id, help, nodes }) => ({
				id,
				help,
				where: nodes.map((node) => node.html),
			}));
			expect(wrong, `${name}, ${colorScheme}`).toEqual([]);
		}
		await page.emulateMedia({ colorScheme: this.look.theme, reducedMotion: null });
	}

	/** Closes the browser; the person is gone. */
	async leave(): Promise<void> {
		await this.context.close();
	}
}

/** Runs in the page: until what changed is on the screen. Before that, colours that change gradually are still the old ones. */
const drawn = () =>
	new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));

/** Where react-aria puts what is read aloud: it points to things that are gone again by the time axe looks. */
const ANNOUNCER = '[data-live-announcer]';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

interface Fixtures {
	look: Look;
	t: TFunction;
	server: Server;
	/** Somebody comes with a new browser. Afterwards nothing may have been complained about in it. */
	arrive: (look?: Partial<Look>, origin?: string) => Promise<Person>;
}

export const test = base.extend<Fixtures>({
	browser: [async ({ browser }, use) => use(drivable(browser)), { scope: 'worker' }],
	look: [{ language: 'en', theme: 'light', size: 'desktop' }, { option: true }],
	t: async ({ look }, use) => use(await textsOf(look.language)),
	// biome-ignore lint/correctness/noEmptyPattern: the form that Playwright asks for
	server: async ({}, use) => {
		const server = await Server.start();
		await use(server);
		await server.remove();
	},
	arrive: async ({ browser, server, look }, use, info) => {
		const people: Person[] = [];
		await use(async (other = {}, origin = server.url) => {
			const person = await Person.arrive(browser, origin, { ...look, ...other }, info.project.name);
			people.push(person);
			return person;
		});
		const complaints = people.flatMap((person) => person.watch.complaints);
		for (const person of people) await person.context.close();
		expect(complaints, 'the browsers had something to complain about').toEqual([]);
	},
});

/** Somebody comes by an invitation of the admin, perhaps to another entrance of the server. */
export async function joins(
	admin: Person,
	arrive: Fixtures['arrive'],
	server: Server,
	t: TFunction,
	name: string,
	origin = server.url,
): Promise<Person> {
	return (await joinsWithPassphrase(admin, arrive, server, t, name, origin)).who;
}

/** The same, of whom the passphrase is needed later. */
export async function joinsWithPassphrase(
	admin: Person,
	arrive: Fixtures['arrive'],
	server: Server,
	t: TFunction,
	name: string,
	origin = server.url,
): Promise<{ who: Person; passphrase: string }> {
	await admin.page.goto('/settings/invite');
	const link = server.here(await invites(admin.page, t)).replace(server.url, origin);
	const who = await arrive({}, origin);
	return { who, passphrase: await registers(who.page, t, link, name) };
}

export { expect };
