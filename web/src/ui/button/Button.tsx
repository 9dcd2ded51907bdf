import type { ReactNode, Ref } from 'react';
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components/Button';
import styles from './Button.module.css';

export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'style' | 'children'> {
	/** `primary`: the one thing to do here. `danger`: takes something away. `quiet`: no frame. */
	kind?: 'primary' | 'secondary' | 'quiet' | 'danger';
	/** As wide as what it stands in. */
	wide?: boolean;
	ref?: Ref<HTMLButtonElement>;
	children: ReactNode;
}

/** A button with words. While `isPending` it keeps its focus and can't be pressed; screen readers are told. */
export function Button({ kind = 'secondary', wide = false, children, ...rest }: ButtonProps) {
	return (
		<AriaButton {...rest} className={`${styles.button} ${styles[kind]} ${wide ? styles.wide : ''}`}>
			{({ isPending }) => (
				<>
					<span className={styles.label}>{children}</span>
					{isPending && <span className={styles.busy} aria-hidden="true" />}
				</>
			)}
		</AriaButton>
	);
}
