import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useApp } from '../../app/engine-context';
import { useMedia } from '../../app/use-media';
import type { Conversation } from '../../engine/contract';
import { BackIcon, LockIcon } from '../../ui/icons';
import { GroupDetails } from '../groups/GroupDetails';
import { TimerPart } from '../timer/TimerPart';
import styles from './DetailsPane.module.css';
import { HidePart } from './HidePart';
import { PersonEntry } from './PersonEntry';

/** Who is in a conversation, and how sure one can be of them; of a group, also what it is and what can be changed in it. */
export function DetailsPane({ conversation }: { conversation: Conversation }) {
	const { t } = useTranslation('people');
	const { t: home } = useTranslation('home');
	// on a phone nothing else is in sight
	const Title = useMedia('phone') ? 'h1' : 'h2';
	const heading = useRef<HTMLHeadingElement>(null);
	useEffect(() => heading.current?.focus({ preventScroll: true }), []);
	return (
		<section className={styles.pane} aria-label={t('details.title')}>
			<header className={styles.header}>
				<Link
					to="/c/$conversation"
					params={{ conversation: conversation.conversation }}
					aria-label={home('closeDetails')}
					className={styles.back}
				>
					<BackIcon />
				</Link>
				<Title ref={heading} tabIndex={-1} className={styles.title}>
					{t('details.title')}
				</Title>
			</header>
			<div className={styles.body}>
				{conversation.group === null ? (
					<>
						<People conversation={conversation} />
						<TimerPart conversation={conversation} />
					</>
				) : (
					<GroupDetails conversation={conversation} group={conversation.group}>
						<TimerPart conversation={conversation} />
					</GroupDetails>
				)}
				<HidePart conversation={conversation} />
				<p className={styles.sealed}>
					<LockIcon />
					<span>{t('details.sealed')}</span>
				</p>
			</div>
		</section>
	);
}

function People({ conversation: { members } }: { conversation: Conversation }) {
	const { t } = useTranslation('people');
	const { t: home } = useTranslation('home');
	const Count = useMedia('phone') ? 'h2' : 'h3';
	const me = useApp((state) => state.session?.me.member ?? '');
	const unsure = members.some((person) => person.member !== me && !person.verified);
	const sorted = [...members].sort((a, b) => Number(a.member === me) - Number(b.member === me));
	return (
		<>
			<Count className={styles.count}>{home('people', { count: members.length })}</Count>
			{unsure && <p className={styles.why}>{t('details.why')}</p>}
			<ul className={styles.people}>
				{sorted.map((person) => (
					<PersonEntry key={person.member} person={person} self={person.member === me} />
				))}
			</ul>
		</>
	);
}
