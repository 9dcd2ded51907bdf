let segmenter: Intl.Segmenter | undefined;

/** What people call characters, one after the other. Segmenters are dear to make; one is enough. */
export function characters(text: string): Intl.Segments {
	segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
	return segmenter.segment(text);
}
