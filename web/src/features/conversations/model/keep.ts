import type { Conversation } from '../../../engine/contract';

/** The new list, with the old objects where nothing changed, so that rows need not be drawn again. */
export function keepConversations(
	old: readonly Conversation[],
	fresh: readonly Conversation[],
): readonly Conversation[] {
	const known = new Map(old.map((one) => [one.conversation, one]));
	return fresh.map((one) => {
		const before = known.get(one.conversation);
		return before !== undefined && JSON.stringify(before) === JSON.stringify(one) ? before : one;
	});
}
