import { useTranslation } from 'react-i18next';
import { TimerIcon } from '../../ui/icons';
import styles from './TimerMark.module.css';
import { useTimerWords } from './use-timer-words';

/** A small mark, with words: new messages disappear here. Nothing while they don't. */
export function TimerMark({ seconds }: { seconds: number }) {
	const { t } = useTranslation('timer');
	const words = useTimerWords();
	if (seconds === 0) return null;
	const name = t('mark', { after: words(seconds) });
	return (
		<span className={styles.mark} role="img" aria-label={name} title={name}>
			<TimerIcon />
		</span>
	);
}
