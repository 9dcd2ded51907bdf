import {
	ListBox as AriaListBox,
	ListBoxItem as AriaListBoxItem,
	type ListBoxItemProps as AriaListBoxItemProps,
	type ListBoxProps as AriaListBoxProps,
} from 'react-aria-components/ListBox';
import styles from './ListBox.module.css';

export type ListBoxProps<T extends object> = Omit<AriaListBoxProps<T>, 'className' | 'style'>;

/** A list of things of which one is chosen, with arrow keys and typing. Needs `aria-label`. */
export function ListBox<T extends object>(props: ListBoxProps<T>) {
	return <AriaListBox selectionMode="single" {...props} className={styles.list ?? ''} />;
}

export type ListBoxItemProps = Omit<AriaListBoxItemProps, 'className' | 'style'>;

/** One of them. Needs `textValue` unless it is plain text. */
export function ListBoxItem(props: ListBoxItemProps) {
	return <AriaListBoxItem {...props} className={styles.item ?? ''} />;
}
