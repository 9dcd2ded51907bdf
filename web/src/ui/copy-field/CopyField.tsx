import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../button/Button';
import { CheckIcon, CopyIcon } from '../icons';
import styles from './CopyField.module.css';

/** Text to take along: selected as a whole, or copied by the button. */
export function CopyField({ label, text }: { label: string; text: string }) {
	const { t } = useTranslation('common');
	const [copied, setCopied] = useState(false);
	return (
		<div className={styles.field}>
			<input
				className={styles.text}
				aria-label={label}
				value={text}
				readOnly
				onFocus={(event) => event.currentTarget.select()}
			/>
			<Button
				onPress={() => {
					void navigator.clipboard.writeText(text).then(
						() => setCopied(true),
						() => setCopied(false),
					);
				}}
				onBlur={() => setCopied(false)}
			>
				{copied ? <CheckIcon /> : <CopyIcon />}
				<span aria-live="polite">{copied ? t('copied') : t('copy')}</span>
			</Button>
		</div>
	);
}
