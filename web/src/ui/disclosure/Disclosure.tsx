import type { ReactNode } from 'react';
import { ForwardIcon } from '../icons';
import styles from './Disclosure.module.css';

/** Words for those who want to know more. */
export function Disclosure({ title, children }: { title: string; children: ReactNode }) {
	return (
		<details className={styles.disclosure}>
			<summary className={styles.summary}>
				<ForwardIcon className={styles.arrow} />
				{title}
			</summary>
			<div className={styles.body}>{children}</div>
		</details>
	);
}
