import { Label, Radio, RadioGroup } from 'react-aria-components/RadioGroup';
import styles from './Choice.module.css';

export interface ChoiceProps<T extends string> {
	label: string;
	/** The label is read aloud only: what stands around says it. */
	labelHidden?: boolean;
	value: T;
	onChange: (value: T) => void;
	options: readonly { value: T; label: string; lang?: string }[];
}

/** One of a few, all in sight. */
export function Choice<T extends string>({ label, labelHidden, value, onChange, options }: ChoiceProps<T>) {
	return (
		<RadioGroup
			value={value}
			onChange={(chosen) => onChange(chosen as T)}
			orientation="horizontal"
			className={styles.group ?? ''}
			{...(labelHidden ? { 'aria-label': label } : {})}
		>
			{!labelHidden && <Label className={styles.label}>{label}</Label>}
			<div className={styles.options}>
				{options.map((option) => (
					<Radio
						key={option.value}
						value={option.value}
						className={styles.option ?? ''}
						{...(option.lang ? { lang: option.lang } : {})}
					>
						{option.label}
					</Radio>
				))}
			</div>
		</RadioGroup>
	);
}
