// Every text is in the catalogues, in both languages, and is used; nothing else is text. Prints what is wrong and fails.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';

const SRC = fileURLToPath(new URL('../src', import.meta.url));
const LANGUAGES = ['en', 'fr'];
const PLURAL = /_(zero|one|two|few|many|other)$/;
/** Names and the like, which are the same in every language. */
const NOT_TEXT = new Set(['ChaTalK', 'Apache-2.0']);
/** Attributes that people read or hear. */
const SPOKEN =
	/^(title|label|hint|lead|placeholder|alt|text|error|about|question|aria-label|aria-description)$/;

/** Put into the page itself by `not-started.ts`. */
const IN_THE_PAGE = ['common:notStarted'];

const problems = [];
const complain = (where, what) => problems.push(`${where}: ${what}`);

// ---- the catalogues

/** Leaves of a catalogue by their keys; lists are leaves as a whole. */
function flatten(value, prefix = '', found = new Map()) {
	if (typeof value === 'object' && !Array.isArray(value)) {
		for (const [key, inner] of Object.entries(value))
			flatten(inner, prefix ? `${prefix}.${key}` : key, found);
	} else found.set(prefix, value);
	return found;
}

const base = (key) => key.replace(PLURAL, '');
const texts = (value) =>
	typeof value === 'string' ? [value] : Object.values(value).flatMap((inner) => texts(inner));
/** What two translations must have in common: placeholders, and the shape of lists. */
const shape = (value) =>
	typeof value === 'string'
		? [...new Set(value.match(/\{\{\w+\}\}/g) ?? [])]
				.filter((one) => one !== '{{count}}')
				.sort()
				.join()
		: JSON.stringify(value, (_, inner) => (typeof inner === 'string' ? 0 : inner));

function checkTypography(language, where, text) {
	if (text.includes("'")) complain(where, 'a straight apostrophe');
	if (/ {2}/.test(text)) complain(where, 'two spaces');
	if (/\.\.\./.test(text)) complain(where, 'three dots in place of …');
	if (language !== 'fr') return;
	if (/(^|[^\u202f])[;!?]/.test(text)) complain(where, 'no narrow no-break space before ; ! or ?');
	if (/[^\u00a0]:(\s|$)/.test(text)) complain(where, 'no no-break space before :');
	if (/«(?!\u00a0)|(?<!\u00a0)»/.test(text)) complain(where, 'no no-break space inside « »');
}

/** namespace → language → key → text */
const catalogues = new Map();
for (const language of LANGUAGES) {
	for (const file of readdirSync(join(SRC, 'locales', language))) {
		const ns = file.replace('.json', '');
		const content = flatten(JSON.parse(readFileSync(join(SRC, 'locales', language, file), 'utf8')));
		if (!catalogues.has(ns)) catalogues.set(ns, new Map());
		catalogues.get(ns).set(language, content);
		for (const [key, value] of content) {
			for (const text of texts(value)) checkTypography(language, `${language}/${ns}:${key}`, text);
		}
	}
}

for (const [ns, byLanguage] of catalogues) {
	const all = new Set(
		LANGUAGES.flatMap((language) => [...(byLanguage.get(language)?.keys() ?? [])].map(base)),
	);
	for (const language of LANGUAGES) {
		const keys = byLanguage.get(language) ?? new Map();
		const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
		for (const key of all) {
			const plural = [...keys.keys()].some((one) => one !== key && base(one) === key);
			if (!plural && !keys.has(key)) complain(`${language}/${ns}`, `${key} is missing`);
			if (!plural) continue;
			for (const category of categories) {
				if (!keys.has(`${key}_${category}`)) complain(`${language}/${ns}`, `${key}_${category} is missing`);
			}
		}
	}
	for (const [key, english] of byLanguage.get('en') ?? []) {
		const french = byLanguage.get('fr')?.get(key);
		if (french !== undefined && !PLURAL.test(key) && shape(english) !== shape(french)) {
			complain(`${ns}:${key}`, 'the languages have other placeholders or another number of parts');
		}
	}
}

// ---- the source

const used = new Map([...catalogues.keys()].map((ns) => [ns, new Set()]));
const keysOf = (ns) => new Set([...(catalogues.get(ns)?.get('en')?.keys() ?? [])].map(base));

function markUsed(ns, key, where) {
	const [own, rest] = key.includes(':') ? key.split(':') : [ns, key];
	const keys = keysOf(own);
	// a key, or the beginning of some (lists and `returnObjects`)
	const hits = keys.has(rest) ? [rest] : [...keys].filter((one) => one.startsWith(`${rest}.`));
	if (hits.length === 0) complain(where, `${own}:${rest} is in no catalogue`);
	for (const hit of hits) used.get(own)?.add(hit);
}

/** Marks what a `t(…)` may say; false: it can't be seen from here. */
function markArgument(ns, node, where) {
	if (node?.type === 'Literal') markUsed(ns, node.value, where);
	else if (node?.type === 'ConditionalExpression') {
		return markArgument(ns, node.consequent, where) && markArgument(ns, node.alternate, where);
	} else if (node?.type === 'TemplateLiteral') {
		const pattern = new RegExp(
			`^${node.quasis.map(({ value }) => value.cooked.replaceAll('.', '\\.')).join('[^.]+')}(\\..*)?$`,
		);
		const hits = [...keysOf(ns)].filter((key) => pattern.test(key));
		if (hits.length === 0) complain(where, `nothing in ${ns} matches ${pattern}`);
		for (const hit of hits) used.get(ns)?.add(hit);
	} else return false;
	return true;
}

/** The namespace that a declaration binds a name to: `const { t } = useTranslation('ns')`, `t: TFunction<'ns'>`. */
function bindings(node) {
	if (node.type === 'VariableDeclarator' && node.init?.callee?.name === 'useTranslation') {
		const ns = node.init.arguments[0]?.value ?? 'common';
		return (node.id.properties ?? [])
			.filter((property) => property.key?.name === 't')
			.map((property) => [property.value.name, ns]);
	}
	const type = node.type === 'Identifier' ? node.typeAnnotation?.typeAnnotation : null;
	if (type?.typeName?.name === 'TFunction') {
		return [[node.name, type.typeArguments?.params[0]?.literal?.value ?? 'common']];
	}
	return [];
}

const hasWords = (text) => /\p{L}{2,}/u.test(text) && !NOT_TEXT.has(text.trim());

function checkText(node, where) {
	if (node.type === 'JSXText' && hasWords(node.value))
		complain(where, `text outside the catalogues: ${node.value.trim()}`);
	if (
		node.type === 'JSXAttribute' &&
		SPOKEN.test(node.name.name ?? '') &&
		hasWords(node.value?.value ?? '')
	) {
		complain(where, `text outside the catalogues: ${node.name.name}="${node.value.value}"`);
	}
	if (
		node.type === 'CallExpression' &&
		node.callee.name === 'toast' &&
		node.arguments[0]?.type === 'Literal'
	) {
		complain(where, 'text outside the catalogues in toast()');
	}
}

function checkFile(path) {
	const code = readFileSync(path, 'utf8');
	const { program, errors } = parseSync(path, code);
	const name = path.slice(SRC.length + 1);
	for (const { message } of errors) complain(name, message);
	const literals = new Set();
	const unseen = new Set();
	const at = (node) => `${name}:${code.slice(0, node.start).split('\n').length}`;

	function walk(node, scope) {
		if (!node || typeof node.type !== 'string') return;
		checkText(node, at(node));
		if (node.type === 'Literal' && typeof node.value === 'string') literals.add(node.value);
		const inner = /Function|Arrow/.test(node.type) ? new Map(scope) : scope;
		for (const [bound, ns] of bindings(node)) inner.set(bound, ns);
		const ns = node.type === 'CallExpression' ? inner.get(node.callee.name) : undefined;
		if (ns && !markArgument(ns, node.arguments[0], at(node))) unseen.add(ns);
		for (const [key, value] of Object.entries(node)) {
			if (key === 'type') continue;
			for (const child of Array.isArray(value) ? value : [value]) walk(child, inner);
		}
	}
	walk(program, new Map());
	// where a key comes from a variable, the strings of that file are what it can be
	for (const ns of unseen) {
		for (const key of keysOf(ns)) if (literals.has(key)) used.get(ns)?.add(key);
	}
}

for (const entry of readdirSync(SRC, { recursive: true })) {
	if (!/\.tsx?$/.test(entry) || /\.(test|d)\.tsx?$/.test(entry) || /^(test|engine\/wasm)/.test(entry))
		continue;
	checkFile(join(SRC, entry));
}

for (const key of IN_THE_PAGE) markUsed('common', key, 'scripts/not-started.ts');

for (const [ns, keys] of used) {
	for (const key of keysOf(ns)) if (!keys.has(key)) complain(ns, `${key} is not used`);
}

for (const problem of problems) console.error(problem);
const count = [...catalogues.values()].reduce((sum, languages) => sum + (languages.get('en')?.size ?? 0), 0);
console.log(`${count} texts in ${LANGUAGES.length} languages, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;
