import { type ReactNode, useRef } from 'react';
import styles from './Form.module.css';

/** Fields one below the other; Enter in a field submits. What is wrong then gets the focus. */
export function Form({ onSubmit, children }: { onSubmit: () => void; children: ReactNode }) {
	const form = useRef<HTMLFormElement>(null);
	return (
		<form
			ref={form}
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
