import { createLink } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, Ref } from 'react';
import styles from '../button/Button.module.css';

interface Props extends AnchorHTMLAttributes<HTMLAnchorElement> {
	kind?: 'primary' | 'secondary' | 'quiet';
	wide?: boolean;
	ref?: Ref<HTMLAnchorElement>;
}

function Anchor({ kind = 'secondary', wide, className: _, children, ...rest }: Props) {
	return (
		<a {...rest} className={`${styles.button} ${styles[kind]} ${wide ? styles.wide : ''}`}>
			<span className={styles.label}>{children}</span>
		</a>
	);
}

/** A link to another screen that looks like a button. */
export const ButtonLink = createLink(Anchor);
