import { type ReactNode, useId } from 'react';
import { Checkbox as AriaCheckbox } from 'react-aria-components/Checkbox';
import { CheckIcon } from '../icons';
import { OptionWords } from '../option/OptionWords';
import styles from './Checkbox.module.css';

export interface CheckboxProps {
	label: string;
	hint?: ReactNode;
	isSelected: boolean;
	onChange: (on: boolean) => void;
	isDisabled?: boolean;
	/** It has to be ticked to go on, and was not. */
	error?: string | null;
}

/** Something that is agreed to, or chosen before going on. */
export function Checkbox({ label, hint, isSelected, onChange, isDisabled, error }: CheckboxProps) {
	const id = useId();
	const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ');
	return (
		<div className={styles.field}>
			<AriaCheckbox
				isSelected={isSelected}
				onChange={onChange}
				isDisabled={isDisabled ?? false}
				isInvalid={Boolean(error)}
				className={styles.checkbox ?? ''}
				aria-label={label}
				{...(described ? { 'aria-describedby': described } : {})}
			>
				<span className={styles.box} aria-hidden="true">
					<CheckIcon strokeWidth={3} />
				</span>
				<OptionWords label={label} hint={hint} hintId={`${id}-hint`} />
			</AriaCheckbox>
			{error && (
				<p className={styles.error} id={`${id}-error`} role="alert">
					{error}
				</p>
			)}
		</div>
	);
}
