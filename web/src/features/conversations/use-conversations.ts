import { useRef } from 'react';
import { useApp } from '../../app/engine-context';
import type { Conversation } from '../../engine/contract';
import { keepConversations } from './model/keep';

/** The conversations; each stays the same object while nothing in it changes. null: not read yet. */
export function useConversations(): readonly Conversation[] | null {
	const fresh = useApp((state) => state.conversations);
	const kept = useRef<{ from: readonly Conversation[] | null; list: readonly Conversation[] }>({
		from: null,
		list: [],
	});
	if (fresh === null) return null;
	if (kept.current.from !== fresh) {
		kept.current = { from: fresh, list: keepConversations(kept.current.list, fresh) };
	}
	return kept.current.list;
}
