/** Browsers that were told to trust the authority of one instance, as whoever runs it tells them. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserType, LaunchOptions } from '@playwright/test';
import type { Server } from './server';

/** A Chromium that trusts the authority that the server has at the moment, and no other of ours. */
export async function trusting(
	chromium: BrowserType,
	launchOptions: LaunchOptions,
	server: Server,
): Promise<Browser> {
	const home = join(server.folder, 'home');
	const database = join(home, '.pki', 'nssdb');
	mkdirSync(database, { recursive: true });
	const authority = join(server.folder, 'authority.pem');
	await writeFile(authority, await server.authority());
	const certutil = (...words: string[]) => execFileSync('certutil', ['-d', `sql:${database}`, ...words]);
	certutil('-N', '--empty-password');
	certutil('-A', '-n', 'instance', '-t', 'C,,', '-i', authority);
	return chromium.launch({
		...launchOptions,
		env: { ...process.env, HOME: home } as Record<string, string>,
	});
}
