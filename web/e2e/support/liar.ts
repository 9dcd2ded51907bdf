/**
 * A server that lies, or a member's app that is broken: it stands between browsers and the real server, carries everything on, and changes
 * some frames on the way. What it changes is what the protocol says (docs/protocol.md section 2), not what the app happens to do.
 */
import { createServer, type Server as HttpServer, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { decode, encode } from '@msgpack/msgpack';
import { WebSocket, WebSocketServer } from 'ws';
import { freePort } from './server';

type Fields = Record<string, unknown>;

/** Changes what an asked method carries, in place. */
export interface Lies {
	/** What a browser asks. */
	asks?: (method: string, params: Fields) => void;
	/** What the server answers. */
	answers?: (method: string, ok: Fields) => void;
}

export class Liar {
	/** What it does; without, it only carries on. */
	lies: Lies = {};

	private constructor(
		/** Where browsers find it. */
		readonly url: string,
		private readonly http: HttpServer,
		private readonly sockets: Set<WebSocket>,
	) {}

	/** In front of the server that is found there. */
	static async before(server: string): Promise<Liar> {
		const port = await freePort();
		const sockets = new Set<WebSocket>();
		const http = createServer((asked, answer) => {
			const { pathname, search } = new URL(asked.url ?? '/', server);
			const on = request(
				`${server}${pathname}${search}`,
				{ method: asked.method, headers: honest(asked, server) },
				(came) => {
					answer.writeHead(came.statusCode ?? 502, came.headers);
					came.pipe(answer);
				},
			);
			on.once('error', () => answer.destroy());
			asked.pipe(on);
		});
		const liar = new Liar(`http://localhost:${port}`, http, sockets);
		const entrance = new WebSocketServer({ noServer: true });
		http.on('upgrade', (asked: IncomingMessage, socket: Socket, head) => {
			entrance.handleUpgrade(asked, socket, head, (browser) => liar.carry(browser, asked, server));
		});
		await new Promise<void>((resolve) => http.listen(port, 'localhost', resolve));
		return liar;
	}

	private carry(browser: WebSocket, asked: IncomingMessage, server: string): void {
		const protocol = asked.headers['sec-websocket-protocol']?.split(',')[0]?.trim() ?? '';
		const upstream = new WebSocket(`${server.replace(/^http/, 'ws')}${asked.url}`, protocol, {
			origin: server,
			perMessageDeflate: false,
		});
		const methods = new Map<unknown, string>();
		const early: Buffer[] = [];
		const up = (frame: Buffer) => upstream.send(this.#asked(frame, methods));
		browser.on('message', (frame: Buffer) => {
			if (upstream.readyState === WebSocket.OPEN) up(frame);
			else early.push(frame);
		});
		upstream.on('open', () => {
			for (const frame of early.splice(0)) up(frame);
		});
		upstream.on('message', (frame: Buffer) => browser.send(this.#answered(frame, methods)));
		for (const [one, other] of [
			[browser, upstream],
			[upstream, browser],
		] as const) {
			this.sockets.add(one);
			one.on('error', () => other.terminate());
			one.on('close', () => {
				this.sockets.delete(one);
				other.terminate();
			});
		}
	}

	#asked(frame: Buffer, methods: Map<unknown, string>): Uint8Array {
		const fields = decode(frame) as { id: unknown; method: string; params: Uint8Array };
		methods.set(fields.id, fields.method);
		if (!this.lies.asks) return frame;
		const params = decode(fields.params) as Fields;
		this.lies.asks(fields.method, params);
		return encode({ ...fields, params: encode(params) });
	}

	#answered(frame: Buffer, methods: Map<unknown, string>): Uint8Array {
		const fields = decode(frame) as { id?: unknown; ok?: Uint8Array };
		const method = methods.get(fields.id);
		methods.delete(fields.id);
		if (!this.lies.answers || method === undefined || fields.ok === undefined) return frame;
		const ok = decode(fields.ok) as Fields;
		this.lies.answers(method, ok);
		return encode({ ...fields, ok: encode(ok) });
	}

	/** Ends it, and all that goes through it. */
	async stop(): Promise<void> {
		for (const socket of this.sockets) socket.terminate();
		this.http.closeAllConnections();
		await new Promise<void>((resolve) => this.http.close(() => resolve()));
	}
}

/** As if the browser had asked the server itself. */
function honest(asked: IncomingMessage, server: string): IncomingMessage['headers'] {
	const { host } = new URL(server);
	const { origin } = asked.headers;
	return { ...asked.headers, host, ...(origin ? { origin: server } : {}) };
}
