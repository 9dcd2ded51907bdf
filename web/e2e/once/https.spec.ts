/** HTTPS, as everybody but the machine itself uses it: with the instance's own authority, which a browser was told to trust. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '../support/fixtures';
import { watch } from '../support/watch';

test.describe('over HTTPS', () => {
	test('a browser that trusts the authority of the instance opens the app without a warning', async ({
		playwright,
		launchOptions,
		server,
		t,
	}) => {
		const home = join(server.folder, 'home');
		const database = join(home, '.pki', 'nssdb');
		mkdirSync(database, { recursive: true });
		const authority = join(server.folder, 'authority.pem');
		await writeFile(authority, await server.authority());
		const certutil = (...words: string[]) => execFileSync('certutil', ['-d', `sql:${database}`, ...words]);
		certutil('-N', '--empty-password');
		certutil('-A', '-n', 'instance', '-t', 'C,,', '-i', authority);
		const browser = await playwright.chromium.launch({
			...launchOptions,
			env: { ...process.env, HOME: home } as Record<string, string>,
		});
		const context = await browser.newContext({ baseURL: server.httpsUrl, locale: 'en-GB' });
		const watched = await watch(context, server.httpsUrl);
		const page = await context.newPage();
		const answer = await page.goto('/');
		expect((await answer?.securityDetails())?.protocol).toBe('TLS 1.3');
		await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
		expect(await page.evaluate(() => [isSecureContext, crossOriginIsolated])).toEqual([true, true]);
		// The first page needs the state of the server: the socket and the core work.
		await expect(page.getByLabel(t('entry:firstRun.code'))).toBeVisible();
		expect(watched.complaints).toEqual([]);
		await browser.close();
	});

	test('a browser that does not know the authority is warned by itself', async ({
		playwright,
		launchOptions,
		server,
	}) => {
		const browser = await playwright.chromium.launch(launchOptions);
		const page = await browser.newPage();
		await expect(page.goto(server.httpsUrl)).rejects.toThrow(/ERR_CERT_AUTHORITY_INVALID/);
		await browser.close();
	});
});
