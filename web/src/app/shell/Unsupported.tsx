import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Need } from '../../engine/needs';
import { EntryLayout } from '../EntryLayout';
import styles from './Unsupported.module.css';

/** This browser lacks what the engine can't do without: what that is, and where to go on. */
export function Unsupported({ lacks }: { lacks: Need[] }) {
	const { t } = useTranslation('common');
	return (
		<EntryLayout title={t('unsupported.title')} lead={t('unsupported.lead')}>
			<ul className={styles.lacks}>
				{lacks.map((need) => (
					<li key={need}>{t(`unsupported.${need}`)}</li>
				))}
			</ul>
			{!lacks.includes('secure') && <p>{t('unsupported.todo')}</p>}
			<Link to="/help/$page" params={{ page: 'browser' }}>
				{t('browserHelp')}
			</Link>
		</EntryLayout>
	);
}
