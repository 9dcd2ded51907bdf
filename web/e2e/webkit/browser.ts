/**
 * WebKitGTK by its own driver: the little of W3C WebDriver that a smoke run takes. Playwright drives builds of its own alone, and this
 * is the WebKit that Debian ships.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { expect } from '@playwright/test';
import { freePort } from '../support/server';
import { FIND, type Kind, LISTEN, SELECTORS } from './in-page';

/** The name that WebDriver gives to references of elements. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

export class WebKit {
	private session = '';

	private constructor(
		private readonly driver: ChildProcess,
		private readonly port: number,
	) {}

	/** A browser of its own, that shares nothing with others and keeps nothing. */
	static async start(): Promise<WebKit> {
		const port = await freePort();
		const driver = spawn('WebKitWebDriver', [`--port=${port}`], { stdio: 'ignore' });
		const webkit = new WebKit(driver, port);
		await expect.poll(() => webkit.call('GET', '/status').catch(() => null)).toMatchObject({ ready: true });
		const started = await webkit.call('POST', '/session', { capabilities: {} });
		webkit.session = `/session/${(started as { sessionId: string }).sessionId}`;
		return webkit;
	}

	async end(): Promise<void> {
		if (this.session) await this.call('DELETE', this.session);
		const ended = new Promise((resolve) => this.driver.once('exit', resolve));
		this.driver.kill();
		await ended;
	}

	private async call(method: string, path: string, body?: object): Promise<unknown> {
		const init = body ? { method, body: JSON.stringify(body) } : { method };
		const answer = await fetch(`http://127.0.0.1:${this.port}${path}`, init);
		const { value } = (await answer.json()) as { value: unknown };
		if (!answer.ok) throw new Error(`${method} ${path}: ${JSON.stringify(value)}`);
		return value;
	}

	async goto(url: string): Promise<void> {
		await this.call('POST', `${this.session}/url`, { url });
		await this.run(LISTEN);
	}

	/** What was seen since the page was loaded. */
	complaints(): Promise<unknown> {
		return this.run('return complaints');
	}

	private run(script: string, ...args: unknown[]): Promise<unknown> {
		return this.call('POST', `${this.session}/execute/sync`, { script, args });
	}

	/** Expects to see it; `part`: with this in its name. */
	async sees(kind: Kind, name: string, part = false): Promise<string> {
		let found = '';
		await expect
			.poll(
				async () => {
					const element = (await this.run(FIND, SELECTORS[kind], name, part)) as Record<
						string,
						string
					> | null;
					found = element?.[ELEMENT] ?? '';
					return found;
				},
				{ message: `there is a ${kind} “${name}”` },
			)
			.not.toBe('');
		return `${this.session}/element/${found}`;
	}

	async presses(kind: Kind, name: string, part = false): Promise<void> {
		await this.call('POST', `${await this.sees(kind, name, part)}/click`, {});
	}

	async types(name: string, text: string): Promise<void> {
		const field = await this.sees('field', name);
		await this.call('POST', `${field}/clear`, {});
		await this.call('POST', `${field}/value`, { text });
	}

	async value(name: string): Promise<string> {
		return String(await this.call('GET', `${await this.sees('field', name)}/property/value`));
	}

	async screenshot(path: string): Promise<void> {
		const picture = await this.call('GET', `${this.session}/screenshot`);
		await writeFile(path, String(picture), 'base64');
	}
}
