import { type ReactNode, useId } from 'react';
import { Switch as AriaSwitch } from 'react-aria-components/Switch';
import { OptionWords } from '../option/OptionWords';
import styles from './Switch.module.css';

export interface SwitchProps {
	label: string;
	hint?: ReactNode;
	isSelected: boolean;
	onChange: (on: boolean) => void;
	isDisabled?: boolean;
	/** What was chosen is being carried out: it can't be pressed meanwhile, and keeps its focus. */
	isPending?: boolean;
}

/** Something that is on or off, at once. */
export function Switch({ label, hint, isSelected, onChange, isDisabled, isPending }: SwitchProps) {
	const hintId = useId();
	return (
		<AriaSwitch
			isSelected={isSelected}
			onChange={onChange}
			isDisabled={isDisabled ?? false}
			isReadOnly={isPending ?? false}
			className={styles.switch ?? ''}
			aria-label={label}
			{...(hint ? { 'aria-describedby': hintId } : {})}
		>
			<OptionWords label={label} hint={hint} hintId={hintId} />
			<span className={styles.track} data-pending={isPending || undefined} aria-hidden="true">
				<span className={styles.thumb} />
			</span>
		</AriaSwitch>
	);
}
