import { useTranslation } from 'react-i18next';
import type { Person } from '../../engine/contract';
import { AlertIcon, VerifiedIcon } from '../../ui/icons';
import styles from './PersonMarks.module.css';

/** Verified, or with an identity that changed. */
export function PersonMarks({ person }: { person: Person }) {
	const { t } = useTranslation('home');
	if (person.identityChanged) {
		return (
			<span className={styles.changed} role="img" aria-label={t('row.identityChanged')}>
				<AlertIcon />
			</span>
		);
	}
	if (!person.verified) return null;
	return (
		<span className={styles.verified} role="img" aria-label={t('row.verified')}>
			<VerifiedIcon />
		</span>
	);
}
