import { describe, expect, it } from 'vitest';
import { cleanLine, cleanText } from './clean';

describe('cleanText', () => {
	it('drops what changes the direction of other text', () => {
		const hostile = 'photo\u202egpj.exe \u2066x\u2069 \u202aleft\u202c';
		expect(cleanText(hostile)).toBe('photogpj.exe x left');
	});

	it('keeps right-to-left scripts and their marks as they are', () => {
		const arabic = 'مَرْحَبًا \u200fبالعالم\u200e';
		expect(cleanText(arabic)).toBe(arabic);
	});

	it('lets at most eight marks stand on a character', () => {
		const zalgo = `e${'\u0301'.repeat(500)}x`;
		expect(cleanText(zalgo)).toBe(`e${'\u0301'.repeat(8)}x`);
		expect(cleanText('\u0301'.repeat(40))).toHaveLength(8);
	});

	it('keeps joined emoji', () => {
		const family = '👩🏽‍👩🏿‍👧🏻‍👦🏼 ❤️ 🇫🇷 1️⃣';
		expect(cleanText(family)).toBe(family);
	});

	it('shows control characters instead of obeying them, and keeps line ends and tabs', () => {
		expect(cleanText('a\u0000b\u001b[2Jc\r\nd\re\tf\u0085g')).toBe('a\ufffdb\ufffd[2Jc\nd\ne\tf\ufffdg');
	});

	it('is quick with a megabyte of the worst', () => {
		const started = performance.now();
		cleanText(`${'\u202e'.repeat(300_000)}${'\u0301'.repeat(300_000)}${'a\u0301'.repeat(200_000)}`);
		expect(performance.now() - started).toBeLessThan(1000);
	});
});

describe('cleanLine', () => {
	it('makes one line', () => {
		expect(cleanLine('  first\n\n second\t third ')).toBe('first second third');
	});
});
