import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useMedia } from '../../app/use-media';
import type { Conversation, Person } from '../../engine/contract';
import { BackIcon, VerifiedIcon } from '../../ui/icons';
import { TimerMark } from '../timer/TimerMark';
import { Face } from './Face';
import styles from './TalkHeader.module.css';

export interface TalkHeaderProps {
	conversation: Conversation;
	title: string;
	/** Of a direct conversation. */
	other: Person | null;
	details: boolean;
}

/** Who the conversation is with, and the way to its details. */
export function TalkHeader({ conversation, title, other, details }: TalkHeaderProps) {
	const { t } = useTranslation('home');
	// on a phone the list with its heading is out of sight
	const Title = useMedia('phone') ? 'h1' : 'h2';
	const { conversation: id, members } = conversation;
	const changed = members.some((person) => person.identityChanged);
	return (
		<header className={styles.header}>
			<Link to="/" aria-label={t('back')} className={styles.back}>
				<BackIcon />
			</Link>
			<Link
				to={details ? '/c/$conversation' : '/c/$conversation/details'}
				params={{ conversation: id }}
				className={styles.who}
				aria-expanded={details}
			>
				<Face conversation={conversation} size="small" />
				<span className={styles.words}>
					<Title className={styles.title}>
						<bdi>{title}</bdi>
					</Title>
					{!conversation.direct && (
						<span className={styles.count}>{t('people', { count: members.length })}</span>
					)}
				</span>
				{other?.verified && !changed && (
					<span className={styles.verified} role="img" aria-label={t('row.verified')}>
						<VerifiedIcon />
					</span>
				)}
				<TimerMark seconds={conversation.timer} />
				<span className="visually-hidden">{t('details')}</span>
			</Link>
		</header>
	);
}
