// What a browser loads before the cryptographic core, compressed, against its budget. Run after `pnpm build`.
import { readFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const DIST = new URL('../dist/', import.meta.url);
/** KB of JavaScript, compressed with brotli, before the core. */
const BUDGET = 170;
/** The conversations come after one of the others, most of which is kept by then. What happens in groups is said in rows, which are seen first. */
const BUDGET_HOME = 216;

/** The screens that somebody may see first: each with the catalogues it speaks from. */
const WAYS = {
	'sign in': [
		'src/features/sign-in/SignIn.tsx',
		'src/locales/fr/common.json',
		'src/locales/fr/entry.json',
		'src/locales/fr/errors.json',
	],
	register: [
		'src/features/register/Register.tsx',
		'src/locales/fr/common.json',
		'src/locales/fr/entry.json',
		'src/locales/fr/errors.json',
	],
	'first run': [
		'src/features/first-run/FirstRun.tsx',
		'src/locales/fr/common.json',
		'src/locales/fr/entry.json',
		'src/locales/fr/errors.json',
	],
	home: [
		'src/features/home/Home.tsx',
		'src/locales/fr/common.json',
		'src/locales/fr/home.json',
		'src/locales/fr/timeline.json',
		'src/locales/fr/errors.json',
		'src/locales/fr/composer.json',
	],
};

const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', DIST), 'utf8'));

/** The files of a chunk and of everything that it imports before it runs. */
function filesOf(key, found = new Set()) {
	const chunk = manifest[key];
	if (!chunk) throw new Error(`${key} is not in the build`);
	if (found.has(chunk.file)) return found;
	found.add(chunk.file);
	for (const css of chunk.css ?? []) found.add(css);
	for (const next of chunk.imports ?? []) filesOf(next, found);
	return found;
}

function sizes(files) {
	let [brotli, gzip] = [0, 0];
	for (const file of files) {
		const content = readFileSync(new URL(file, DIST));
		brotli += brotliCompressSync(content).length;
		gzip += gzipSync(content, { level: 9 }).length;
	}
	return { brotli, gzip };
}

const kb = (bytes) => (bytes / 1000).toFixed(1).padStart(6);
let tooBig = false;
for (const [name, keys] of Object.entries(WAYS)) {
	const files = new Set();
	for (const key of ['index.html', 'src/app/start.tsx', ...keys]) filesOf(key, files);
	const scripts = [...files].filter((file) => file.endsWith('.js'));
	const js = sizes(scripts);
	const css = sizes([...files].filter((file) => file.endsWith('.css')));
	const budget = name === 'home' ? BUDGET_HOME : BUDGET;
	const over = js.brotli > budget * 1000;
	tooBig ||= over;
	console.log(
		`${name.padEnd(10)} JS ${kb(js.brotli)} KB brotli (${kb(js.gzip)} gzip, ${scripts.length} files), CSS ${kb(css.brotli)} KB; budget ${budget} KB${over ? '  TOO BIG' : ''}`,
	);
}
process.exitCode = tooBig ? 1 : 0;
