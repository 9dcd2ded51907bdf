import { type ReactNode, useId } from 'react';
import { Switch as AriaSwitch } from 'react-aria-components/Switch';
import styles from './Switch.module.css';

export interface SwitchProps {
	label: string;
	hint?: ReactNode;
	isSelected: boolean;
	onChange: (on: boolean) => void;
	isDisabled?: boolean;
}

/** Something that is on or off, at once. */
export function Switch({ label, hint, isSelected, onChange, isDisabled }: SwitchProps) {
	const hintId = useId();
	return (
		<AriaSwitch
			isSelected={isSelected}
			onChange={onChange}
			isDisabled={isDisabled ?? false}
			className={styles.switch ?? ''}
			aria-label={label}
			{...(hint ? { 'aria-describedby': hintId } : {})}
		>
			<span className={styles.words}>
				<span className={styles.label}>{label}</span>
				{hint && (
					<span id={hintId} className={styles.hint}>
						{hint}
					</span>
				)}
			</span>
			<span className={styles.track} aria-hidden="true">
				<span className={styles.thumb} />
			</span>
		</AriaSwitch>
	);
}
