import { useNavigate, useRouterState } from '@tanstack/react-router';
import { Suspense, useEffect, useRef } from 'react';
import { useApp } from '../../app/engine-context';
import { useSoon } from '../../app/later';
import { useMedia } from '../../app/use-media';
import { ListPane } from '../conversations/ListPane';
import { neighbour } from '../conversations/model/list';
import { TalkPane } from '../conversations/TalkPane';
import { useConversations } from '../conversations/use-conversations';
import { AddPeople } from '../groups/lazy';
import { NewConversation, NewGroup } from '../new-conversation/lazy';
import { DetailsPane } from '../people/lazy';
import { showShortcuts } from '../shortcuts/MemberShortcuts';
import { useShortcuts } from '../shortcuts/use-shortcuts';
import styles from './Home.module.css';
import { Choose, Unknown } from './Nothing';
import { type Pane, paneOf } from './pane';
import { useSwipeBack } from './use-swipe-back';

/** List, timeline and details: side by side, or one at a time on a phone. */
export function Home() {
	const path = useRouterState({ select: (state) => state.location.pathname });
	const pane = paneOf(path);
	const open = 'conversation' in pane ? pane.conversation : null;
	const conversations = useConversations();
	const conversation = conversations?.find((one) => one.conversation === open) ?? null;
	const details = pane.is === 'details' && conversation !== null;
	const covered = useMedia('detailsCover');
	const search = useRef<HTMLInputElement>(null);
	const composer = useRef<HTMLTextAreaElement>(null);
	const act = useActions(pane, search);
	useShortcuts(SHORTCUTS, act);
	useSoon(SOON);
	const swipe = useSwipeBack(() => act('back'), useMedia('phone') && pane.is !== 'list');
	useOpened(conversation !== null && pane.is === 'talk', open, composer);

	return (
		<main id="main" className={styles.home} data-pane={pane.is} data-details={details} {...swipe}>
			<div className={styles.list}>
				<ListPane open={open} searchRef={search} onShortcuts={() => showShortcuts('help')} />
			</div>
			<div className={styles.talk}>
				{pane.is === 'new' || pane.is === 'newGroup' ? (
					<Suspense>{pane.is === 'new' ? <NewConversation /> : <NewGroup naming={pane.naming} />}</Suspense>
				) : conversation !== null ? (
					<TalkPane
						key={conversation.conversation}
						conversation={conversation}
						composerRef={composer}
						covered={details && covered}
						details={details}
					/>
				) : open !== null && conversations !== null ? (
					<Unknown />
				) : (
					<Choose />
				)}
			</div>
			{details && (
				<div className={styles.details}>
					<Suspense>
						<DetailsPane key={conversation.conversation} conversation={conversation} />
					</Suspense>
				</div>
			)}
		</main>
	);
}

/** What stands in place of a pane, or in front of it. */
const SOON = [NewConversation, NewGroup, DetailsPane, AddPeople];

/** Those that have a meaning on this screen alone. */
const SHORTCUTS = ['search', 'previous', 'next', 'previousUnread', 'nextUnread', 'back'] as const;
type HomeShortcut = (typeof SHORTCUTS)[number];

/** What the shortcuts do on this screen. */
function useActions(
	pane: Pane,
	search: React.RefObject<HTMLInputElement | null>,
): (shortcut: HomeShortcut) => void {
	const navigate = useNavigate();
	const conversations = useApp((state) => state.conversations);
	const open = 'conversation' in pane ? pane.conversation : null;
	return (shortcut) => {
		const go = (conversation: string | null) => {
			if (conversation !== null) void navigate({ to: '/c/$conversation', params: { conversation } });
		};
		const inSight = (conversations ?? []).filter((one) => !one.hidden || one.conversation === open);
		const step = (by: 1 | -1, unread: boolean) => go(neighbour(inSight, open, by, unread));
		switch (shortcut) {
			case 'search':
				return search.current?.focus();
			case 'previous':
				return step(-1, false);
			case 'next':
				return step(1, false);
			case 'previousUnread':
				return step(-1, true);
			case 'nextUnread':
				return step(1, true);
			case 'back':
				if (pane.is === 'details') return go(pane.conversation);
				if (pane.is === 'newGroup') return void navigate({ to: pane.naming ? '/new/group' : '/new' });
				if (pane.is !== 'list') void navigate({ to: '/' });
		}
	};
}

/** Whoever opens a conversation with mouse or keyboard can write at once; a finger would only get its keyboard in the way. */
function useOpened(
	talking: boolean,
	open: string | null,
	composer: React.RefObject<HTMLTextAreaElement | null>,
): void {
	// biome-ignore lint/correctness/useExhaustiveDependencies: once for each conversation
	useEffect(() => {
		if (talking && window.matchMedia('(pointer: fine)').matches) composer.current?.focus();
	}, [talking, open, composer]);
}
