import type { Ref } from 'react';
import { Button } from 'react-aria-components/Button';
import {
	SearchField as AriaSearchField,
	type SearchFieldProps as AriaSearchFieldProps,
	Input,
	Label,
} from 'react-aria-components/SearchField';
import { useTranslation } from 'react-i18next';
import { CloseIcon, SearchIcon } from '../icons';
import styles from './SearchField.module.css';

export interface SearchFieldProps extends Omit<AriaSearchFieldProps, 'className' | 'style' | 'children'> {
	label: string;
	/** Stands above it; else it is read aloud only. */
	labelShown?: boolean;
	placeholder?: string;
	inputRef?: Ref<HTMLInputElement>;
}

/** A field that finds things while one types. */
export function SearchField({
	label,
	labelShown,
	placeholder,
	inputRef,
	autoFocus,
	...rest
}: SearchFieldProps) {
	const { t } = useTranslation('common');
	return (
		<AriaSearchField
			{...rest}
			{...(labelShown ? {} : { 'aria-label': label })}
			className={styles.field ?? ''}
		>
			{labelShown && <Label className={styles.label}>{label}</Label>}
			<span className={styles.box}>
				<SearchIcon className={styles.glass} />
				<Input
					ref={inputRef}
					autoFocus={autoFocus ?? false}
					placeholder={placeholder}
					className={styles.input ?? ''}
				/>
				<Button aria-label={t('field.clear')} className={styles.clear ?? ''}>
					<CloseIcon />
				</Button>
			</span>
		</AriaSearchField>
	);
}
