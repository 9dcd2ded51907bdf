import { type BrowserContext, test as base, type Page } from '@playwright/test';
import type { Command, Opened, OpenOptions, Update } from '../../src/engine/contract';
import { type ChatalkServer, startChatalk, startPage } from './servers';

interface Servers {
	server: ChatalkServer;
	url: string;
}

/** A server with nobody registered, and the page's address, for each test. */
export const test = base.extend<{ servers: Servers }>({
	// biome-ignore lint/correctness/noEmptyPattern: the form that Playwright asks for
	servers: async ({}, use) => {
		const server = await startChatalk();
		const page = await startPage(server.url);
		await use({ server, url: page.url });
		await page.stop();
		await server.stop();
	},
});

/** A tab with an engine in it. */
export class Tab {
	readonly page: Page;

	private constructor(page: Page) {
		this.page = page;
	}

	static async of(context: BrowserContext, url: string): Promise<Tab> {
		const page = await context.newPage();
		await page.goto(url);
		return new Tab(page);
	}

	open(options: OpenOptions = { inMemory: false }): Promise<Opened> {
		return this.page.evaluate((options) => window.harness.engine.open(options), options);
	}

	command(command: Command): Promise<void> {
		return this.page.evaluate((command) => window.harness.engine.command(command), command);
	}

	/** Commands, and waits for an update of that kind from then on; a failure of the command is an error. */
	ask<K extends Update['is']>(command: Command, is: K): Promise<Update & { is: K }> {
		return this.page.evaluate(
			async ({ command, is }) => {
				const { engine, updates, told } = window.harness;
				const from = updates.length;
				engine.command(command);
				const update = await told(
					(update) => update.is === is || (update.is === 'failed' && update.doing === command.do),
					from,
				);
				if (update.is !== is) throw new Error(JSON.stringify(update));
				return update as never;
			},
			{ command, is },
		);
	}

	/** Waits until every one of these texts is in the timeline; how each stands. */
	texts(
		conversation: string,
		wanted: string[],
	): Promise<{ text: string; state: string | null; seq: number | null }[]> {
		return this.page.evaluate(
			async ({ conversation, wanted }) => {
				const { engine, updates, told } = window.harness;
				for (let from = 0; ; ) {
					from = updates.length;
					const page = await engine.timeline({ conversation, limit: 500 });
					const found = page.items.flatMap(({ body, state, seq }) =>
						body.is === 'text' ? [{ text: body.text, state, seq }] : [],
					);
					if (wanted.every((text) => found.some((item) => item.text === text))) return found;
					await told((update) => update.is === 'timeline' && update.conversation === conversation, from);
				}
			},
			{ conversation, wanted },
		);
	}

	/** Signs out of everything that is here; another person can begin. */
	async wipe(): Promise<void> {
		await this.page.evaluate(async () => {
			const { engine, updates, told } = window.harness;
			const from = updates.length;
			await engine.wipe();
			await told((update) => update.is === 'wiped', from);
		});
	}

	/** Waits for the conversation to be there and ready; its id. */
	conversation(): Promise<string> {
		return this.page.evaluate(async () => {
			const { engine, told } = window.harness;
			const { conversations } = await engine.state();
			const ready = conversations.find((conversation) => conversation.ready);
			if (ready) return ready.conversation;
			const update = await told(
				(update) => update.is === 'conversations' && update.conversations.some((c) => c.ready),
			);
			return update.is === 'conversations'
				? (update.conversations.find((c) => c.ready)?.conversation ?? '')
				: '';
		});
	}
}

export const PASSPHRASE = 'plinth gecko wharf umbra tonic';

export function account(loginName: string): {
	loginName: string;
	displayName: string;
	passphrase: string;
	deviceName: string;
} {
	return { loginName, displayName: '', passphrase: PASSPHRASE, deviceName: 'Test browser' };
}

/** The first member, signed in. */
export async function setUp(tab: Tab, code: string, name = 'anna'): Promise<void> {
	await tab.open();
	await tab.ask({ do: 'setUp', code, organisation: 'Example', account: account(name) }, 'signedIn');
}

/** A further member by an invitation of the first, signed in. */
export async function invite(by: Tab, tab: Tab, name = 'ben'): Promise<void> {
	const { link } = await by.ask({ do: 'invite' }, 'invitation');
	await tab.open();
	await tab.ask({ do: 'register', invitation: link, account: account(name) }, 'signedIn');
}

/** The direct conversation of the two. */
export async function talk(from: Tab, to: string): Promise<string> {
	const { people } = await from.ask({ do: 'findPeople', query: to }, 'people');
	const member = people[0]?.member ?? '';
	const { conversation } = await from.ask({ do: 'openDirect', member }, 'opened');
	return conversation;
}
