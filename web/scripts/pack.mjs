// Packs what vite built (dist) for the server (packed): text and WebAssembly compressed with Brotli, once and well, the rest as it
// is. Gives the build its number, so that a page can tell that the server has a newer app. Files that did not change are left as they
// are: the server is compiled anew only when there is something new in it.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const web = join(import.meta.dirname ?? dirname(new URL(import.meta.url).pathname), '..');
const from = join(web, 'dist');
const to = join(web, 'packed');

/** Where vite writes which chunk has which parts: for our checks, not for browsers. */
const NOT_SERVED = '.vite/';
const COMPRESSED = new Set(['.html', '.js', '.css', '.json', '.webmanifest', '.svg', '.txt', '.wasm']);
const SERVICE_WORKER = 'service-worker.js';
/** Of the files at the root, those that pages load. */
const KEPT = new Set(['.svg', '.png', '.ico', '.webmanifest']);
/** Replaced by the addresses of the files that are kept for a start without a network. */
const FILES = '__CHATALK_FILES__';
/** Replaced by the number of the build. */
const PLACEHOLDER = '__CHATALK_BUILD__';

function list(folder) {
	const entries = readdirSync(folder, { withFileTypes: true });
	return entries.flatMap((entry) => {
		const path = join(folder, entry.name);
		return entry.isDirectory() ? list(path) : [path];
	});
}

function read() {
	const files = new Map();
	for (const path of list(from).sort()) {
		const name = relative(from, path);
		if (!name.startsWith(NOT_SERVED)) files.set(name, readFileSync(path));
	}
	return files;
}

/** Browsers keep what is in `assets` for ever, so its names must tell its content. */
function check(files) {
	for (const name of files.keys()) {
		if (name.startsWith('assets/') && !/-[\w-]{8}\.\w+$/.test(name)) {
			throw new Error(`dist/${name} has no hash in its name`);
		}
		if (name.endsWith('.br')) throw new Error(`dist/${name}: compressed files are made here`);
	}
}

function number(files) {
	const hash = createHash('sha256');
	for (const [name, bytes] of files) hash.update(`${name}\n${bytes.length}\n`).update(bytes);
	return hash.digest('hex').slice(0, 16);
}

function mark(files, build) {
	const page = files.get('index.html')?.toString() ?? '';
	const parts = page.split(PLACEHOLDER);
	if (parts.length !== 2) throw new Error(`index.html must contain ${PLACEHOLDER} once`);
	files.set('index.html', Buffer.from(parts.join(build)));
	// what the service worker keeps: the page by its address, and all that pages load
	const loaded = [...files.keys()].filter((name) => name.startsWith('assets/') || KEPT.has(extname(name)));
	const worker = files.get(SERVICE_WORKER)?.toString() ?? '';
	const filled = worker
		.replace(PLACEHOLDER, build)
		.replace(FILES, ['/', ...loaded.map((name) => `/${name}`)].join(' '));
	if (filled.includes('__CHATALK_')) throw new Error(`${SERVICE_WORKER} must contain each placeholder once`);
	if (/\bimport\b/.test(filled))
		throw new Error(`${SERVICE_WORKER} is a classic script: it can import nothing`);
	files.set(SERVICE_WORKER, Buffer.from(filled));
	files.set('version.json', Buffer.from(`${JSON.stringify({ build })}\n`));
}

function compress(bytes) {
	const params = {
		[constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
		[constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
		[constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
	};
	return brotliCompressSync(bytes, { params });
}

function write(packed) {
	mkdirSync(to, { recursive: true });
	for (const path of list(to)) {
		if (!packed.has(relative(to, path))) rmSync(path);
	}
	for (const [name, bytes] of packed) {
		const path = join(to, name);
		const same = statSync(path, { throwIfNoEntry: false })?.isFile() && readFileSync(path).equals(bytes);
		if (same) continue;
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, bytes);
	}
}

const files = read();
check(files);
const build = number(files);
mark(files, build);
const packed = new Map();
let raw = 0;
let stored = 0;
for (const [name, bytes] of files) {
	const compressed = COMPRESSED.has(extname(name));
	const kept = compressed ? compress(bytes) : bytes;
	packed.set(compressed ? `${name}.br` : name, kept);
	raw += bytes.length;
	stored += kept.length;
}
write(packed);
const kilobytes = (n) => `${Math.round(n / 1000)} kB`;
console.log(
	`packed ${files.size} files of build ${build}: ${kilobytes(raw)}, stored as ${kilobytes(stored)}`,
);
