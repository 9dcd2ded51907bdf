import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { BackIcon } from '../../ui/icons';
import styles from './Settings.module.css';
import { SettingsNav } from './SettingsNav';

/** On a wide screen the sections beside the one that is open; on a phone one or the other. */
export function SettingsLayout() {
	const { t } = useTranslation('settings');
	const index = useRouterState({ select: (state) => state.location.pathname === '/settings' });
	return (
		<div className={`${styles.layout} ${index ? styles.atIndex : ''}`}>
			<aside className={styles.side} aria-label={t('title')}>
				<Link to="/" className={styles.back}>
					<BackIcon />
					{t('toConversations')}
				</Link>
				<p className={styles.sideTitle}>{t('title')}</p>
				<SettingsNav />
			</aside>
			<div className={styles.content}>
				<Outlet />
			</div>
		</div>
	);
}
