import { useTranslation } from 'react-i18next';
import styles from './Steps.module.css';

/** Where one is on a short way: "Step 2 of 3". */
export function Steps({ current, total }: { current: number; total: number }) {
	const { t } = useTranslation('common');
	return (
		<p className={styles.steps}>
			<span className={styles.words}>{t('step', { current, total })}</span>
			<span className={styles.dots} aria-hidden="true">
				{Array.from({ length: total }, (_, index) => (
					// biome-ignore lint/suspicious/noArrayIndexKey: they never move
					<span key={index} className={index < current ? styles.done : styles.dot} />
				))}
			</span>
		</p>
	);
}
