import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useApp } from '../../app/engine-context';
import { useMedia } from '../../app/use-media';
import type { Conversation, Person } from '../../engine/contract';
import { Avatar } from '../../ui/avatar/Avatar';
import { AlertIcon, BackIcon, LockIcon, VerifiedIcon } from '../../ui/icons';
import { ButtonLink } from '../../ui/link/ButtonLink';
import { cleanLine, isolate } from '../timeline/model/clean';
import styles from './DetailsPane.module.css';

/** Who is in a conversation, and how sure one can be of them. */
export function DetailsPane({ conversation }: { conversation: Conversation }) {
	const { t } = useTranslation('people');
	const { t: home } = useTranslation('home');
	// on a phone nothing else is in sight
	const [Title, Count] = useMedia('phone') ? (['h1', 'h2'] as const) : (['h2', 'h3'] as const);
	const me = useApp((state) => state.session?.me.member ?? '');
	const heading = useRef<HTMLHeadingElement>(null);
	useEffect(() => heading.current?.focus({ preventScroll: true }), []);
	const { members, conversation: id } = conversation;
	const unsure = members.some((person) => person.member !== me && !person.verified);
	const sorted = [...members].sort((a, b) => Number(a.member === me) - Number(b.member === me));
	return (
		<section className={styles.pane} aria-label={t('details.title')}>
			<header className={styles.header}>
				<Link
					to="/c/$conversation"
					params={{ conversation: id }}
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
				<Count className={styles.count}>{t('details.people', { count: members.length })}</Count>
				{unsure && <p className={styles.why}>{t('details.why')}</p>}
				<ul className={styles.people}>
					{sorted.map((person) => (
						<PersonEntry key={person.member} person={person} self={person.member === me} />
					))}
				</ul>
				<p className={styles.sealed}>
					<LockIcon />
					<span>{t('details.sealed')}</span>
				</p>
			</div>
		</section>
	);
}

function PersonEntry({ person, self }: { person: Person; self: boolean }) {
	const { t } = useTranslation('people');
	const name = cleanLine(person.displayName);
	return (
		<li className={styles.person}>
			<Avatar name={name} id={person.member} />
			<div className={styles.about}>
				<div className={styles.names}>
					<bdi className={styles.name}>{self ? t('details.you', { name: isolate(name) }) : name}</bdi>
					<bdi className={styles.login}>{cleanLine(person.loginName)}</bdi>
					{!self && <Trust person={person} />}
				</div>
				{!self && (
					<ButtonLink
						to="/verify/$member"
						params={{ member: person.member }}
						aria-label={t('details.verify', { name: isolate(name) })}
					>
						{t(person.verified ? 'details.number' : 'details.verifyShort')}
					</ButtonLink>
				)}
			</div>
		</li>
	);
}

/** What is known of somebody's identity; nothing while it was never compared. */
function Trust({ person }: { person: Person }) {
	const { t } = useTranslation('people');
	if (person.identityChanged) {
		return (
			<p className={styles.changed}>
				<AlertIcon />
				<span>{t('details.identityChanged')}</span>
			</p>
		);
	}
	if (!person.verified) return null;
	return (
		<p className={styles.verified}>
			<VerifiedIcon />
			<span>{t('details.verified')}</span>
		</p>
	);
}
