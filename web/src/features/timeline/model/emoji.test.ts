import { describe, expect, it } from 'vitest';
import { bigEmoji } from './emoji';

describe('bigEmoji', () => {
	it.each(['🙂', '👍🏽', '❤️', '🇫🇷🇬🇧', '👩‍👩‍👧‍👦 🎉', '1️⃣2️⃣3️⃣', ' 😂\n', '☝🏿'])('%s is shown big', (text) => {
		expect(bigEmoji(text)).toBe(true);
	});

	it.each(['', ' ', '🙂🙂🙂🙂', '🙂 ok', '1', '123', '*', '©', 'a', '\u200d', '\ufe0f', '🙂'.repeat(5000)])(
		'%s is not',
		(text) => {
			expect(bigEmoji(text)).toBe(false);
		},
	);
});
