import { useTranslation } from 'react-i18next';
import { Skeleton } from '../../ui/skeleton/Skeleton';
import styles from './ListSkeleton.module.css';

const widths = ['55%', '40%', '62%', '35%', '48%', '58%'];

/** The shape of the list while it is being read. */
export function ListSkeleton() {
	const { t } = useTranslation('home');
	return (
		<div role="status" aria-label={t('loading')} className={styles.rows}>
			{widths.map((width) => (
				<span key={width} className={styles.row}>
					<Skeleton width="2.75rem" height="2.75rem" round />
					<span className={styles.words}>
						<Skeleton width={width} />
						<Skeleton width="85%" />
					</span>
				</span>
			))}
		</div>
	);
}
