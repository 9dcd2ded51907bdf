/** The two servers of a test: the real one with a folder of its own, and the one that serves the page. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { createServer } from 'vite';

const ROOT = resolve(import.meta.dirname, '../../..');

/** A running `chatalk serve`. */
export interface ChatalkServer {
	/** Where a browser on this machine finds it. */
	url: string;
	setUpCode: string;
	stop(): Promise<void>;
}

function program(): string {
	const given = process.env.CHATALK_BIN;
	const built = ['fast', 'release', 'debug'].map((profile) => join(ROOT, 'target', profile, 'chatalk'));
	const found = [given, ...built].find((path) => path && existsSync(path));
	if (!found) throw new Error('build the server first: cargo build --package chatalk');
	return found;
}

async function firstLine(child: ChildProcess): Promise<string> {
	if (!child.stdout) throw new Error('no output');
	for await (const line of createInterface({ input: child.stdout })) return line;
	throw new Error('the server ended without a word');
}

export async function startChatalk(): Promise<ChatalkServer> {
	const folder = await mkdtemp(join(tmpdir(), 'chatalk-worker-'));
	const child = spawn(
		program(),
		[
			'serve',
			...['--data', folder],
			...['--listen', '127.0.0.1:0'],
			...['--local', '0'],
			...['--messages-per-second', '100000'],
			...['--requests-per-second', '100000'],
			'--print-json',
		],
		{ stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, CHATALK_LOG: 'warn' } },
	);
	const told = JSON.parse(await firstLine(child));
	const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
	return {
		url: told.local_url,
		setUpCode: told.set_up_code,
		async stop() {
			child.kill('SIGTERM');
			await ended;
			await rm(folder, { recursive: true, force: true });
		},
	};
}

/** Serves the page, and leads its socket to the server. */
export async function startPage(server: string): Promise<{ url: string; stop(): Promise<void> }> {
	const page = await createServer({
		configFile: false,
		root: resolve(import.meta.dirname, '../..'),
		cacheDir: join(import.meta.dirname, '.vite'),
		logLevel: 'error',
		worker: { format: 'es' },
		server: {
			host: '127.0.0.1',
			port: 0,
			hmr: false,
			watch: null,
			proxy: { '/v1': { target: server, ws: true, changeOrigin: true, rewriteWsOrigin: true } },
		},
	});
	await page.listen();
	const address = page.httpServer?.address();
	if (!address || typeof address === 'string') throw new Error('no port');
	return { url: `http://localhost:${address.port}/e2e/worker/index.html`, stop: () => page.close() };
}
