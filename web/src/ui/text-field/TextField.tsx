import { type ReactNode, type Ref, useState } from 'react';
import { Button } from 'react-aria-components/Button';
import {
	TextField as AriaTextField,
	type TextFieldProps as AriaTextFieldProps,
	FieldError,
	Input,
	Label,
	Text,
} from 'react-aria-components/TextField';
import { useTranslation } from 'react-i18next';
import { EyeIcon, EyeOffIcon } from '../icons';
import styles from './TextField.module.css';

export interface TextFieldProps extends Omit<AriaTextFieldProps, 'className' | 'style' | 'children'> {
	label: string;
	/** Stands below, in muted words. */
	hint?: ReactNode;
	/** What is wrong, and what to do. */
	error?: string | null;
	/** Letters of one width, for passphrases and codes. */
	mono?: boolean;
	/** A name, code or link that has to stay as it was typed: no capitals, corrections or spelling. */
	exact?: boolean;
	/** Text that can be shown and hidden, hidden at first. */
	secret?: boolean;
	placeholder?: string;
	inputRef?: Ref<HTMLInputElement>;
}

/** One line of text with its label above it. */
export function TextField({
	label,
	hint,
	error,
	mono,
	exact,
	secret,
	placeholder,
	inputRef,
	...rest
}: TextFieldProps) {
	const { t } = useTranslation('common');
	const [shown, setShown] = useState(false);
	return (
		<AriaTextField
			{...rest}
			type={secret && !shown ? 'password' : (rest.type ?? 'text')}
			isInvalid={Boolean(error)}
			className={styles.field ?? ''}
		>
			<Label className={styles.label}>{label}</Label>
			<span className={styles.box}>
				<Input
					ref={inputRef}
					placeholder={placeholder}
					{...(exact || secret ? { autoCapitalize: 'none', autoCorrect: 'off', spellCheck: false } : {})}
					className={`${styles.input} ${mono ? styles.mono : ''} ${secret ? styles.withButton : ''}`}
				/>
				{secret && (
					<Button
						className={styles.reveal ?? ''}
						aria-label={shown ? t('field.hide') : t('field.show')}
						aria-pressed={shown}
						onPress={() => setShown(!shown)}
					>
						{shown ? <EyeOffIcon /> : <EyeIcon />}
					</Button>
				)}
			</span>
			{hint && (
				<Text slot="description" className={styles.hint ?? ''}>
					{hint}
				</Text>
			)}
			{error && (
				<FieldError className={styles.error ?? ''}>
					<span role="alert">{error}</span>
				</FieldError>
			)}
		</AriaTextField>
	);
}
