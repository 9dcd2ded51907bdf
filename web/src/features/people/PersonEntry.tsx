import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Person } from '../../engine/contract';
import { Avatar } from '../../ui/avatar/Avatar';
import { AlertIcon, VerifiedIcon } from '../../ui/icons';
import { ButtonLink } from '../../ui/link/ButtonLink';
import { cleanLine, isolate } from '../timeline/model/clean';
import styles from './PersonEntry.module.css';

export interface PersonEntryProps {
	person: Person;
	self: boolean;
	/** What they are in a group, where that is anything special. */
	role?: string | null;
	/** What can be done with them in a group, at the end of the line. */
	menu?: ReactNode;
	/** What did not work with them. */
	trouble?: ReactNode;
}

/** Somebody in a conversation, and how sure one can be of them. */
export function PersonEntry({ person, self, role, menu, trouble }: PersonEntryProps) {
	const { t } = useTranslation('people');
	const name = cleanLine(person.displayName);
	return (
		<li className={styles.entry}>
			<div className={styles.person}>
				<Avatar name={name} id={person.member} />
				<div className={styles.about}>
					<div className={styles.names}>
						<bdi className={styles.name}>{self ? t('details.you', { name: isolate(name) }) : name}</bdi>
						<span className={styles.login}>
							<bdi>{cleanLine(person.loginName)}</bdi>
							{role && <span className={styles.role}>{role}</span>}
						</span>
						{person.suspended && <p className={styles.changed}>{t('details.suspended')}</p>}
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
				{menu && <span className={styles.menu}>{menu}</span>}
			</div>
			{trouble}
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
				<span>{t(`details.changed.${person.change ?? 'unknown'}`)}</span>
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
