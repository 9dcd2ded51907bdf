import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../button/Button';
import { CheckIcon, CopyIcon } from '../icons';
import styles from './CopyField.module.css';

/** Text to take along: selected as a whole, or copied by the button. */
export function CopyField({ label, text }: { label: string; text: string }) {
	const { t } = useTranslation('common');
	const field = useRef<HTMLInputElement>(null);
	const [copied, setCopied] = useState(false);
	const [refused, setRefused] = useState(false);

	async function copy(): Promise<void> {
		try {
			// there is no clipboard on pages without https
			await navigator.clipboard.writeText(text);
			setCopied(true);
			setRefused(false);
		} catch {
			setCopied(false);
			setRefused(true);
			// the focus selects it
			field.current?.focus();
		}
	}

	return (
		<div>
			<div className={styles.field}>
				<input
					ref={field}
					className={styles.text}
					aria-label={label}
					value={text}
					readOnly
					onFocus={(event) => event.currentTarget.select()}
				/>
				<Button onPress={() => void copy()} onBlur={() => setCopied(false)}>
					{copied ? <CheckIcon /> : <CopyIcon />}
					<span aria-live="polite">{copied ? t('copied') : t('copy')}</span>
				</Button>
			</div>
			<p className={styles.refused} role="status">
				{refused && t('copyRefused')}
			</p>
		</div>
	);
}
