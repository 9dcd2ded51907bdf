import { Link, type LinkProps } from '@tanstack/react-router';
import { BackIcon } from '../icons';
import styles from './Page.module.css';

/** An arrow back to another screen; `label` says which. */
export function BackLink({ to, label }: { to: LinkProps['to']; label: string }) {
	return (
		<Link to={to} aria-label={label} className={styles.back}>
			<BackIcon />
		</Link>
	);
}
