/** What a group may be called, as far as the app can tell; the engine knows the rest. */

import { characters } from '../../../ui/text/characters';

/** So many characters, as people count them. */
export const titleMax = 80;

/** What is wrong with a title that somebody types. Where it is `needed` it can't be empty. */
export function titleProblem(title: string, needed: boolean): 'empty' | 'tooLong' | null {
	const text = title.trim();
	if (text === '') return needed ? 'empty' : null;
	// counting is dear, and nearly every title has fewer letters than it may have characters
	if (text.length <= titleMax) return null;
	return [...characters(text)].length > titleMax ? 'tooLong' : null;
}
