import type { ReactElement, ReactNode } from 'react';
import { Menu as AriaMenu, MenuItem as AriaMenuItem, MenuTrigger, Popover } from 'react-aria-components/Menu';
import type { Placement } from 'react-aria-components/Popover';
import styles from './Menu.module.css';

export interface MenuProps {
	/** The button that opens it. */
	trigger: ReactElement;
	/** What the menu is about, read aloud. */
	label: string;
	/** {@link MenuItem}s. */
	children: ReactNode;
	placement?: Placement;
}

/** A button with a list of things to do. */
export function Menu({ trigger, label, children, placement = 'bottom end' }: MenuProps) {
	return (
		<MenuTrigger>
			{trigger}
			<Popover placement={placement} className={styles.popover ?? ''} offset={4}>
				<AriaMenu aria-label={label} className={styles.menu ?? ''}>
					{children}
				</AriaMenu>
			</Popover>
		</MenuTrigger>
	);
}

export interface MenuItemProps {
	/** Its words, for finding it by typing. */
	text: string;
	icon?: ReactNode;
	onAction: () => void;
	isDisabled?: boolean;
}

/** One thing to do in a {@link Menu}. */
export function MenuItem({ text, icon, onAction, isDisabled }: MenuItemProps) {
	return (
		<AriaMenuItem
			textValue={text}
			onAction={onAction}
			isDisabled={isDisabled ?? false}
			className={styles.item ?? ''}
		>
			{icon}
			<span>{text}</span>
		</AriaMenuItem>
	);
}
