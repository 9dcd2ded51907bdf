import { type KeyboardEvent, useDeferredValue, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useNow } from '../../app/now';
import type { Conversation } from '../../engine/contract';
import styles from './ConversationList.module.css';
import { ConversationRow } from './ConversationRow';

export interface ConversationListProps {
	conversations: readonly Conversation[];
	open: string | null;
	me: string;
}

/** So many rows are drawn at once: more than a screen shows. The others follow when these can be read. */
const FIRST = 24;

/** The conversations, newest first: one stop for Tab, arrow keys within. */
export function ConversationList({ conversations, open, me }: ConversationListProps) {
	const { t } = useTranslation('home');
	const now = useNow(60_000);
	const list = useRef<HTMLUListElement>(null);
	const all = useDeferredValue(true, false);
	const drawn = all ? conversations : conversations.slice(0, FIRST);
	const stop = drawn.some((one) => one.conversation === open) ? open : drawn[0]?.conversation;
	return (
		<ul
			ref={list}
			className={styles.list}
			aria-label={t('title')}
			onKeyDown={(event) => step(event, list.current)}
		>
			{drawn.map((one) => (
				<li key={one.conversation}>
					<ConversationRow
						conversation={one}
						me={me}
						open={one.conversation === open}
						stop={one.conversation === stop}
						now={now}
					/>
				</li>
			))}
		</ul>
	);
}

/** Arrow keys, Home and End move among the links. */
function step(event: KeyboardEvent, list: HTMLElement | null): void {
	if (event.altKey || event.ctrlKey || event.metaKey || list === null) return;
	const rows = [...list.querySelectorAll<HTMLElement>('a[data-conversation]')];
	const at = rows.indexOf(document.activeElement as HTMLElement);
	const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
	if (to === undefined) return;
	event.preventDefault();
	rows[to]?.focus();
}
