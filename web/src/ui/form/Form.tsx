import { type ReactNode, useRef } from 'react';
import styles from './Form.module.css';

export interface FormProps {
	onSubmit: () => void;
	/** For a button that stands outside of it, as the `form` of that. */
	id?: string;
	children: ReactNode;
}

/** Fields one below the other; Enter in a field submits. What is wrong then gets the focus. */
export function Form({ onSubmit, id, children }: FormProps) {
	const form = useRef<HTMLFormElement>(null);
	return (
		<form
			ref={form}
			id={id}
			className={styles.form}
			noValidate
			onSubmit={(event) => {
				event.preventDefault();
				onSubmit();
				requestAnimationFrame(() => {
					form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
				});
			}}
		>
			{children}
		</form>
	);
}
