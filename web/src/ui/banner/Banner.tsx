import type { ReactNode } from 'react';
import { AlertIcon, CheckIcon, InfoIcon } from '../icons';
import styles from './Banner.module.css';

export interface BannerProps {
	/** `calm`: a state that is normal. `bad`: something to act on. */
	tone?: 'calm' | 'good' | 'warn' | 'bad';
	children: ReactNode;
	/** A button or link at its end. */
	action?: ReactNode;
	/** An icon in place of the tone's own. */
	icon?: ReactNode;
	/** A strip over the whole width, without corners. */
	strip?: boolean;
	/** `status`: read aloud when there is time; `alert`: at once; `none`: not by itself. */
	live?: 'status' | 'alert' | 'none';
}

const ICONS = { calm: InfoIcon, good: CheckIcon, warn: AlertIcon, bad: AlertIcon };

/** A line that says how things are. */
export function Banner({ tone = 'calm', children, action, icon, strip, live = 'none' }: BannerProps) {
	const Icon = ICONS[tone];
	return (
		<div
			className={`${styles.banner} ${styles[tone]} ${strip ? styles.strip : ''}`}
			{...(live === 'none' ? {} : { role: live })}
		>
			<div className={styles.said}>
				<span className={styles.icon}>{icon ?? <Icon />}</span>
				<div className={styles.words}>{children}</div>
			</div>
			{action && <div className={styles.action}>{action}</div>}
		</div>
	);
}
