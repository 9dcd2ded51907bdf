/** Messages of a few emoji and nothing else are shown big. */

import { characters } from '../../../ui/text/characters';

const bigMax = 3;
/** A family of four with skin colours has 11 characters in 25 code units; more than three of such is text anyway. */
const unitsMax = 120;
const pictograph =
	/^(?:\p{Emoji_Presentation}|\p{Emoji}\ufe0f|\p{Regional_Indicator}{2}|[0-9#*]\ufe0f?\u20e3|\p{Emoji_Modifier_Base})/u;

/** Whether the text is one to three emoji, with nothing but spaces between. */
export function bigEmoji(text: string): boolean {
	const bare = text.trim();
	// most texts are no emoji from their first letter on
	if (bare === '' || bare.length > unitsMax || !pictograph.test(bare)) return false;
	let n = 0;
	for (const { segment } of characters(bare)) {
		if (segment.trim() === '') continue;
		if (!pictograph.test(segment)) return false;
		n += 1;
		if (n > bigMax) return false;
	}
	return n > 0;
}
