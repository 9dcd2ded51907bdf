import { useTranslation } from 'react-i18next';
import { useFormat } from '../../app/format';
import { wordsOf } from './choices';

/** Says a timer: "1 day". */
export function useTimerWords(): (seconds: number) => string {
	const { t } = useTranslation('timer');
	const format = useFormat();
	return (seconds) => {
		const words = wordsOf(seconds);
		return words === null ? format.duration(seconds * 1000) : t(`choice.${words}`);
	};
}
