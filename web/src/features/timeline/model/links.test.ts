import { describe, expect, it } from 'vitest';
import { type Part, parts } from './links';

function links(text: string): Extract<Part, { is: 'link' }>[] {
	return parts(text).filter((part) => part.is === 'link');
}

function only(text: string) {
	const found = links(text);
	expect(found).toHaveLength(1);
	return found[0] as Extract<Part, { is: 'link' }>;
}

describe('finding addresses', () => {
	it.each([
		['see https://example.org/a?b=c#d.', 'https://example.org/a?b=c#d'],
		['(https://example.org/x)', 'https://example.org/x'],
		['https://en.wikipedia.org/wiki/Cat_(animal)', 'https://en.wikipedia.org/wiki/Cat_(animal)'],
		['« https://example.org/é »', 'https://example.org/é'],
		['"https://example.org/"', 'https://example.org/'],
		['https://example.org/a, https', 'https://example.org/a'],
		['www.example.org!', 'www.example.org'],
		['HTTPS://EXAMPLE.ORG/A', 'HTTPS://EXAMPLE.ORG/A'],
		['见https://example.org/路径。', null],
		['at http://192.168.1.2:7443/x?', 'http://192.168.1.2:7443/x'],
		['http://[::1]:80/', 'http://[::1]:80/'],
	])('%s', (text, expected) => {
		expect(links(text).map((link) => link.text)).toEqual(expected === null ? [] : [expected]);
	});

	it.each([
		'javascript:alert(1)',
		'data:text/html,<script>alert(1)</script>',
		'file:///etc/passwd',
		'ftp://example.org/',
		'vbscript:x',
		'example.org',
		'https://',
		'https://x',
		'http://exa mple',
		'https://[',
		'xhttps://example.org',
		'https://example.org:99999/',
		`https://example.org/${'a'.repeat(3000)}`,
	])('leaves %s as text', (text) => {
		expect(links(text)).toEqual([]);
	});

	it('gives back the whole text, whatever stands in it', () => {
		const bits = [
			'https://a.example/',
			'<script>alert(1)</script>',
			'"><svg onload=x>',
			' ',
			'\n',
			'\u202e',
			'www.b.example',
			'(',
			')',
			'.',
			'é',
			'🙂',
			'http://',
		];
		let seed = 7;
		const next = () => {
			seed = (seed * 1103515245 + 12345) % 2147483648;
			return seed;
		};
		for (let round = 0; round < 500; round += 1) {
			let text = '';
			for (let n = next() % 12; n > 0; n -= 1) text += bits[next() % bits.length];
			const found = parts(text);
			expect(found.map((part) => part.text).join('')).toBe(text);
			for (const part of found) if (part.is === 'link') expect(part.href).toMatch(/^https?:\/\//u);
		}
	});

	it('makes at most a hundred links, and is quick with a megabyte', () => {
		const started = performance.now();
		expect(links('https://example.org/ '.repeat(5000))).toHaveLength(100);
		parts(`https://${'('.repeat(500_000)}`);
		parts(`https://example.org/${')'.repeat(500_000)}`);
		parts('http://http://'.repeat(70_000));
		expect(performance.now() - started).toBeLessThan(2000);
	});
});

describe('links that lie', () => {
	it.each([
		['https://example.org/path', 'example.org'],
		['https://EXAMPLE.org', 'example.org'],
		['https://example.org:8443/', 'example.org:8443'],
		['https://www.bbc.co.uk/news', 'www.bbc.co.uk'],
		['https://web.archive.org/web/2020/https://other.example/', 'web.archive.org'],
		['http://192.168.1.2/', '192.168.1.2'],
	])('%s is what it says', (text, host) => {
		expect(only(text)).toMatchObject({ host, plain: true, lying: false });
	});

	it.each([
		['https://google.com@evil.example/', 'evil.example'],
		['https://google.com:pass@evil.example/', 'evil.example'],
		['https://google.com\\@evil.example/', 'google.com'],
		['https://accounts.google.com.evil.example/login', 'accounts.google.com.evil.example'],
		['https://evil。example/', 'evil.example'],
		['https://ｅvil.example/', 'evil.example'],
		['https://%65vil.example/', 'evil.example'],
		['http://2130706433.1/', null],
		['http://0x7f.1/', '127.0.0.1'],
		['https://аpple.com/', 'xn--pple-43d.com'],
		['https://аррӏе.com/', 'xn--80ak6aa92e.com'],
		['https://gοοgle.com/', 'xn--ggle-0nda.com'],
	])('%s leads elsewhere', (text, host) => {
		const found = links(text);
		if (host === null) {
			expect(found).toEqual([]);
			return;
		}
		expect(found[0]).toMatchObject({ host, lying: true });
	});

	it('shows the true name of honest foreign hosts without accusing them', () => {
		expect(only('https://éléphant.fr/')).toMatchObject({
			host: 'xn--lphant-9uab.fr',
			plain: false,
			lying: false,
		});
		expect(only('https://例え.jp/')).toMatchObject({ plain: false, lying: false });
		expect(only('https://الجزيرة.net/')).toMatchObject({ plain: false, lying: false });
		expect(only('https://почта.рф/')).toMatchObject({ plain: false, lying: false });
	});

	it('never takes characters without shape into an address', () => {
		expect(only('https://example.org/\u202egnp.exe').href).toBe('https://example.org/');
		expect(only('https://example.org/\u200b@evil.example').href).toBe('https://example.org/');
	});
});
