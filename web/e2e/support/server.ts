/** The real server: a process of its own, with a folder of its own, on free ports. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = resolve(import.meta.dirname, '../../..');

function program(): string {
	const built = ['debug', 'fast'].map((profile) => join(ROOT, 'target', profile, 'chatalk'));
	const found = [process.env.CHATALK_BIN, ...built].find((path) => path && existsSync(path));
	if (!found) throw new Error('build the server first: cargo xtask web && cargo build --package chatalk');
	return found;
}

/**
 * A free port below those that the system gives to outgoing connections, so that nobody else has it while the server is away.
 */
export async function freePort(): Promise<number> {
	for (let tried = 0; tried < 1000; tried++) {
		const port = 12_000 + Math.floor(Math.random() * 18_000);
		const free = await new Promise<boolean>((resolve) => {
			const probe = createServer();
			probe.once('error', () => resolve(false));
			probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
		});
		if (free) return port;
	}
	throw new Error('there is no free port');
}

/** What the server tells of itself once it listens. */
interface Told {
	url: string;
	local_url: string;
	set_up_code: string | null;
	words: string;
}

export class Server {
	private child: ChildProcess | null = null;
	private told: Told | null = null;
	private log = '';

	private constructor(
		readonly folder: string,
		private readonly options: readonly string[],
	) {}

	static async start(more: readonly string[] = []): Promise<Server> {
		const folder = await mkdtemp(join(tmpdir(), 'chatalk-e2e-'));
		const [tls, local] = [await freePort(), await freePort()];
		const options = [
			'serve',
			...['--data', join(folder, 'data')],
			...['--listen', `127.0.0.1:${tls}`],
			...['--local', String(local)],
			'--no-open',
			'--print-json',
			...more,
		];
		const server = new Server(folder, options);
		await server.startAgain();
		return server;
	}

	/** Starts it on the same folder and ports, perhaps with more around it; returns when it listens. */
	async startAgain(around: Record<string, string> = {}): Promise<void> {
		const env = {
			...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CHATALK_'))),
			...around,
		};
		const child = spawn(program(), this.options, { stdio: ['ignore', 'pipe', 'pipe'], env });
		this.child = child;
		child.stderr.on('data', (text: Buffer) => {
			this.log += text.toString();
		});
		let line = '';
		for await (line of createInterface({ input: child.stdout })) break;
		if (!line) throw new Error(`the server did not start: ${this.log}`);
		this.told = JSON.parse(line) as Told;
	}

	/** Without a word to anybody, as a power cut would. */
	async kill(): Promise<void> {
		await this.end('SIGKILL');
	}

	/** As when it is set up anew on another machine: with the same data, and an authority that nobody trusts yet. */
	async startWithOtherAuthority(): Promise<void> {
		await this.kill();
		await rm(join(this.folder, 'data', 'tls'), { recursive: true });
		await this.startAgain();
	}

	private async end(signal: NodeJS.Signals): Promise<void> {
		const child = this.child;
		if (!child) return;
		this.child = null;
		const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
		child.kill(signal);
		await ended;
	}

	/** Ends it and forgets everything. */
	async remove(): Promise<void> {
		await this.end('SIGKILL');
		const kept = process.env.CHATALK_E2E_LOG;
		if (kept) await appendFile(kept, this.log);
		await rm(this.folder, { recursive: true, force: true });
	}

	/** Where browsers on this machine find it. */
	get url(): string {
		return this.tells.local_url;
	}

	/** Where everybody finds it. */
	get httpsUrl(): string {
		return this.tells.url;
	}

	/** The code of the first run. */
	get code(): string {
		const code = this.tells.set_up_code;
		if (!code) throw new Error('somebody is registered already');
		return code;
	}

	private get tells(): Told {
		if (!this.told) throw new Error('it has not started');
		return this.told;
	}

	/** The certificate of its authority, in PEM. */
	authority(): Promise<string> {
		return readFile(join(this.folder, 'data', 'tls', 'authority.pem'), 'utf8');
	}

	/** A link as people share it, as it is opened through the entrance of this machine. */
	here(link: string): string {
		const { pathname, hash } = new URL(link);
		return `${this.url}${pathname}${hash}`;
	}
}
