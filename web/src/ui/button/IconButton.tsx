import type { ReactNode } from 'react';
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components/Button';
import { Tooltip, TooltipTrigger } from 'react-aria-components/Tooltip';
import styles from './Button.module.css';

export interface IconButtonProps
	extends Omit<AriaButtonProps, 'className' | 'style' | 'children' | 'aria-label'> {
	/** What it does, in words: read aloud, and shown on hover and focus. */
	label: string;
	/** An icon of `ui/icons`. */
	children: ReactNode;
	/** `accent`: filled, as the send button. */
	kind?: 'plain' | 'accent';
}

/** A button that is an icon, 44 px wide and high. While `isPending` it keeps its focus and can't be pressed. */
export function IconButton({ label, children, kind = 'plain', ...rest }: IconButtonProps) {
	return (
		<TooltipTrigger delay={500}>
			<AriaButton
				{...rest}
				aria-label={label}
				className={`${styles.icon} ${kind === 'accent' ? styles.iconAccent : ''}`}
			>
				{({ isPending }) => (isPending ? <span className={styles.busy} aria-hidden="true" /> : children)}
			</AriaButton>
			<Tooltip className={styles.tooltip ?? ''} offset={6}>
				{label}
			</Tooltip>
		</TooltipTrigger>
	);
}
