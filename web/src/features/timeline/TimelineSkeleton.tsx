import { useTranslation } from 'react-i18next';
import { Skeleton } from '../../ui/skeleton/Skeleton';
import styles from './TimelineSkeleton.module.css';

const bubbles = [
	{ own: false, width: '46%', height: '2.25rem' },
	{ own: false, width: '62%', height: '3.5rem' },
	{ own: true, width: '38%', height: '2.25rem' },
	{ own: false, width: '30%', height: '2.25rem' },
	{ own: true, width: '56%', height: '4.75rem' },
	{ own: true, width: '24%', height: '2.25rem' },
];

/** The shape of a conversation that is about to be there. */
export function TimelineSkeleton() {
	const { t } = useTranslation('timeline');
	return (
		<div className={styles.skeleton} role="status" aria-label={t('loading')}>
			{bubbles.map(({ own, width, height }) => (
				<span key={width} className={own ? styles.own : styles.other}>
					<Skeleton width={width} height={height} />
				</span>
			))}
		</div>
	);
}
