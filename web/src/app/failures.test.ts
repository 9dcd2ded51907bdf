import { readFileSync } from 'node:fs';
import i18next from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Failure } from '../engine/contract';
import en from '../locales/en/errors.json';
import fr from '../locales/fr/errors.json';
import { failureText } from './failures';

// vitest runs in web/
const documented = readFileSync('../docs/errors.md', 'utf8');
const contract = readFileSync('src/engine/contract.ts', 'utf8');
const codes = [...documented.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1] ?? '');
const failures = [
	...(contract.split('export type Failure =')[1]?.split('/** How')[0] ?? '').matchAll(/is: '(\w+)'/g),
]
	.map((match) => match[1] ?? '')
	.filter((is) => is !== 'server');

const server = (code: string, retryAfterMs: number | null = null): Failure => ({
	is: 'server',
	code,
	message: 'as the server says it',
	retryable: false,
	retryAfterMs,
});

beforeAll(async () => {
	await i18next.init({
		lng: 'en',
		resources: { en: { errors: en }, fr: { errors: fr } },
		fallbackLng: false,
		interpolation: { escapeValue: false },
	});
});

describe.each(['en', 'fr'])('in %s', (language) => {
	const t = () => i18next.getFixedT(language, 'errors');

	it('finds what the documents list', () => {
		expect(codes.length).toBeGreaterThan(30);
		expect(failures.length).toBeGreaterThan(12);
	});

	it.each(codes)('the code %s has words of its own', (code) => {
		const text = failureText(t(), server(code));
		expect(text.length).toBeGreaterThan(10);
		expect(text).not.toContain(code);
		expect(text).not.toBe(failureText(t(), server('a code of the future')));
	});

	it.each(failures)('the failure %s has words of its own', (is) => {
		const text = failureText(t(), { is, message: 'x', member: 'm' } as Failure);
		expect(text.length).toBeGreaterThan(10);
		expect(text).not.toContain('failure.');
	});

	it('never shows the words of the server', () => {
		for (const code of [...codes, 'a code of the future']) {
			expect(failureText(t(), server(code))).not.toContain('as the server says it');
		}
	});

	it('says when to try again', () => {
		expect(failureText(t(), server('rate_limited', 2_400))).toMatch(/3 (seconds|secondes)/);
	});
});

it('shows the code of an error that it does not know', () => {
	expect(failureText(i18next.getFixedT('en', 'errors'), server('from_the_future'))).toContain(
		'from_the_future',
	);
});

it('says alike for a wrong name and a wrong passphrase', () => {
	// there is one code for both, and its words name both
	const text = failureText(i18next.getFixedT('en', 'errors'), server('wrong_name_or_passphrase'));
	expect(text).toMatch(/Name or passphrase/);
});
