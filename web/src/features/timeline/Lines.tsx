import { useTranslation } from 'react-i18next';
import { useLocale } from '../../app/format';
import styles from './Lines.module.css';
import { dayName } from './model/times';

/** The line between days. */
export function DayLine({ time, now }: { time: number; now: number }) {
	const { t } = useTranslation('timeline');
	const name = dayName(time, now, useLocale());
	return (
		<div className={styles.day}>
			<span>{name.is === 'date' ? name.text : name.is === 'today' ? t('today') : t('yesterday')}</span>
		</div>
	);
}

/** The line before what was not read. */
export function NewLine() {
	const { t } = useTranslation('timeline');
	return (
		<div className={styles.fresh}>
			<span>{t('newMessages')}</span>
		</div>
	);
}
