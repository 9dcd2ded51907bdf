import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../button/Button';
import { CheckIcon, CopyIcon } from '../icons';
import styles from './CopyField.module.css';

export interface CopyFieldProps {
	label: string;
	text: string;
	/** What somebody wrote, in lines of its own. */
	long?: boolean;
}

/** Text to take along: selected as a whole, or copied by the button. */
export function CopyField({ label, text, long = false }: CopyFieldProps) {
	const { t } = useTranslation('common');
	const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
	const Field = long ? 'textarea' : 'input';
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
				<Field
					ref={field}
					className={`${styles.text} ${long ? styles.long : ''}`}
					dir={long ? 'auto' : undefined}
					aria-label={label}
					value={text}
					readOnly
					onFocus={() => field.current?.select()}
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
