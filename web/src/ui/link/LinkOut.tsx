import type { ReactNode } from 'react';
import styles from '../button/Button.module.css';

/** A link that looks like a button, and opens in another tab: here everything stays. */
export function LinkOut({
	href,
	kind = 'secondary',
	children,
}: {
	href: string;
	kind?: 'primary' | 'secondary' | 'quiet';
	children: ReactNode;
}) {
	return (
		<a href={href} target="_blank" rel="noopener" className={`${styles.button} ${styles[kind]}`}>
			<span className={styles.label}>{children}</span>
		</a>
	);
}
