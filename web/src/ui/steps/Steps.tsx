import { useTranslation } from 'react-i18next';
import styles from './Steps.module.css';

/** Where one is on a short way: "Step 2 of 3". */
export function Steps({ current, total }: { current: number; total: number }) {
	const { t } = useTranslation('common');
	const steps = Array.from({ length: total }, (_, index) => index + 1);
	return (
		<p className={styles.steps}>
			<span className={styles.words}>{t('step', { current, total })}</span>
			<span className={styles.dots} aria-hidden="true">
				{steps.map((step) => (
					<span key={step} className={step <= current ? styles.done : styles.dot} />
				))}
			</span>
		</p>
	);
}
