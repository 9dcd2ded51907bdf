import { useTranslation } from 'react-i18next';
import styles from './StrengthMeter.module.css';

const WORDS = ['strength.0', 'strength.1', 'strength.2', 'strength.3', 'strength.4'] as const;

/** How hard a passphrase is to guess, 0 to 4; null: nothing was typed yet. */
export function StrengthMeter({ score }: { score: number | null }) {
	const { t } = useTranslation('common');
	const words = WORDS[score ?? -1];
	return (
		<div className={styles.meter} data-score={score ?? ''}>
			<span className={styles.bars} aria-hidden="true">
				{[1, 2, 3, 4].map((bar) => (
					<span key={bar} className={score !== null && bar <= score ? styles.full : styles.empty} />
				))}
			</span>
			<span className={styles.words} role="status">
				{words ? t(words) : ''}
			</span>
		</div>
	);
}
