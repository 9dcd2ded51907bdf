import { useTranslation } from 'react-i18next';
import { useFormat } from '../../app/format';
import { useNow } from '../../app/now';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { ClockIcon } from '../../ui/icons';

/** The clock here and that of the server are apart by so much (ms; more than none: this one is ahead). */
export function ClockWrong({ difference, onClose }: { difference: number; onClose: () => void }) {
	const { t } = useTranslation('common');
	const format = useFormat();
	const now = useNow(60_000);
	return (
		<Banner
			strip
			tone="warn"
			icon={<ClockIcon />}
			live="status"
			action={
				<Button kind="quiet" onPress={onClose}>
					{t('close')}
				</Button>
			}
		>
			{t('clock.wrong', {
				difference: format.duration(Math.abs(difference)),
				here: format.dateTime(now),
				there: format.dateTime(now - difference),
			})}
		</Banner>
	);
}
