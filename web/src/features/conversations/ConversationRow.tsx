import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocale } from '../../app/format';
import type { Conversation } from '../../engine/contract';
import { AlertIcon, VerifiedIcon } from '../../ui/icons';
import { cleanLine } from '../timeline/model/clean';
import { listTime } from '../timeline/model/times';
import { Ticks } from '../timeline/Ticks';
import styles from './ConversationRow.module.css';
import { Face } from './Face';
import { otherOf } from './model/list';

export interface ConversationRowProps {
	conversation: Conversation;
	me: string;
	/** It is the one that is open. */
	open: boolean;
	/** Tab comes here. */
	stop: boolean;
	now: number;
}

/** A row of the list of conversations. */
export const ConversationRow = memo(function ConversationRow(props: ConversationRowProps) {
	const { conversation, me, open, stop, now } = props;
	const { t } = useTranslation('home');
	const locale = useLocale();
	const { unread, last } = conversation;
	const title = cleanLine(conversation.title);
	const changed = conversation.members.some((person) => person.identityChanged);
	const other = otherOf(conversation, me);
	return (
		<Link
			to="/c/$conversation"
			params={{ conversation: conversation.conversation }}
			className={`${styles.row} ${open ? styles.open : ''}`}
			data-conversation={conversation.conversation}
			tabIndex={stop ? 0 : -1}
			aria-current={open ? 'page' : undefined}
		>
			<Face conversation={conversation} />
			<span className={styles.words}>
				<span className={styles.top}>
					<bdi className={styles.title}>{title}</bdi>
					{other?.verified && !changed && (
						<span
							className={styles.verified}
							role="img"
							aria-label={t('row.verified')}
							title={t('row.verified')}
						>
							<VerifiedIcon />
						</span>
					)}
					{last && (
						<time className={styles.time} dateTime={new Date(last.time).toISOString()}>
							{listTime(last.time, now, locale)}
						</time>
					)}
				</span>
				<span className={styles.bottom}>
					<Preview conversation={conversation} changed={changed} open={open} />
					{unread > 0 && (
						<span className={styles.unread}>
							<span aria-hidden="true">{unread > 999 ? '999+' : unread}</span>
							<span className="visually-hidden">{t('row.unread', { count: unread })}</span>
						</span>
					)}
				</span>
			</span>
		</Link>
	);
});

/** One line of what matters most: a warning, a draft, else what was said last. */
function Preview({
	conversation,
	changed,
	open,
}: {
	conversation: Conversation;
	changed: boolean;
	open: boolean;
}) {
	const { t } = useTranslation('home');
	const { t: timeline } = useTranslation('timeline');
	const { last, draft } = conversation;
	if (conversation.outdated && !changed) return <span className={styles.line}>{t('row.outdated')}</span>;
	if (changed || conversation.broken) {
		return (
			<span className={styles.warning}>
				<AlertIcon />
				<span className={styles.line}>{t(changed ? 'row.identityChanged' : 'row.broken')}</span>
			</span>
		);
	}
	if (conversation.gone) {
		return <span className={styles.line}>{t(conversation.left ? 'row.left' : 'row.gone')}</span>;
	}
	if (conversation.restoring) return <span className={styles.line}>{t('row.restoring')}</span>;
	if (conversation.stuck !== null) return <span className={styles.line}>{t('row.stuck')}</span>;
	if (draft.trim() !== '' && !open) {
		return (
			<span className={styles.line}>
				<span className={styles.draft}>{t('row.draft')}</span> <bdi>{cleanLine(draft.slice(0, 200))}</bdi>
			</span>
		);
	}
	if (last === null)
		return <span className={styles.line}>{t(conversation.ready ? 'row.empty' : 'row.notReady')}</span>;
	return (
		<>
			{last.own && last.state && <Ticks state={last.state} name={timeline(`state.${last.state}`)} />}
			<bdi className={styles.line}>{cleanLine(last.text)}</bdi>
		</>
	);
}
