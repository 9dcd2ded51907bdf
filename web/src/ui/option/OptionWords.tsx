import type { ReactNode } from 'react';
import styles from './OptionWords.module.css';

/** What stands beside a box or a switch: what it is, and what that means. */
export function OptionWords({ label, hint, hintId }: { label: string; hint: ReactNode; hintId: string }) {
	return (
		<span className={styles.words}>
			<span className={styles.label}>{label}</span>
			{hint && (
				<span id={hintId} className={styles.hint}>
					{hint}
				</span>
			)}
		</span>
	);
}
