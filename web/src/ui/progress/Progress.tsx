import { Label } from 'react-aria-components/Label';
import { ProgressBar } from 'react-aria-components/ProgressBar';
import styles from './Progress.module.css';

/** How far something is that takes its time. */
export function Progress({ label, value, total }: { label: string; value: number; total: number }) {
	return (
		<ProgressBar value={value} maxValue={Math.max(1, total)} className={styles.progress ?? ''}>
			{({ percentage }) => (
				<>
					<Label>{label}</Label>
					<span className={styles.track}>
						<span className={styles.fill} style={{ width: `${percentage ?? 0}%` }} />
					</span>
				</>
			)}
		</ProgressBar>
	);
}
