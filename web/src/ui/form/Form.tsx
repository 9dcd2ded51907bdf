import type { ReactNode } from 'react';
import styles from './Form.module.css';

/** Fields one below the other; Enter in a field submits. */
export function Form({ onSubmit, children }: { onSubmit: () => void; children: ReactNode }) {
	return (
		<form
			className={styles.form}
			noValidate
			onSubmit={(event) => {
				event.preventDefault();
				onSubmit();
			}}
		>
			{children}
		</form>
	);
}
