import { useState } from 'react';
import { Button, type ButtonProps } from '../button/Button';

export interface ConfirmButtonProps extends Omit<ButtonProps, 'onPress' | 'children'> {
	/** What it says at first… */
	label: string;
	/** …and after the first press, when the next one does it. */
	question: string;
	/** What it is about, read aloud only: where several of them say the same. */
	about?: string;
	onConfirm: () => void;
}

/** A button for what can't be taken back: pressed twice. Leaving it takes the first press back. */
export function ConfirmButton({
	label,
	question,
	about,
	onConfirm,
	kind = 'secondary',
	...rest
}: ConfirmButtonProps) {
	const [asked, setAsked] = useState(false);
	return (
		<Button
			{...rest}
			kind={asked ? 'danger' : kind}
			onBlur={() => setAsked(false)}
			onPress={() => {
				if (asked) onConfirm();
				setAsked(!asked);
			}}
		>
			<span aria-live="polite">
				{asked ? question : label}
				{about && <span className="visually-hidden"> {about}</span>}
			</span>
		</Button>
	);
}
