import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { BackLink } from '../../ui/page/BackLink';
import { Page } from '../../ui/page/Page';
import styles from './Settings.module.css';

/** A section of the settings; on a phone with a way back to the list. */
export function SectionPage({
	title,
	lead,
	children,
}: {
	title: string;
	lead?: ReactNode;
	children: ReactNode;
}) {
	const { t } = useTranslation('settings');
	return (
		<Page
			title={title}
			lead={lead}
			back={
				<span className={styles.narrowOnly}>
					<BackLink to="/settings" label={t('title')} />
				</span>
			}
		>
			{children}
		</Page>
	);
}
