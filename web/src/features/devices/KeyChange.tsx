import { useTranslation } from 'react-i18next';
import { useApp } from '../../app/engine-context';
import { Banner } from '../../ui/banner/Banner';
import { RefreshIcon } from '../../ui/icons';
import { Progress } from '../../ui/progress/Progress';

/** How far the change of keys is that follows a sign-out; nothing when there is none. */
export function KeyChange() {
	const { t } = useTranslation('settings');
	const change = useApp((state) => state.keyChange);
	if (!change) return null;
	return (
		<Banner icon={<RefreshIcon />} live="status">
			<Progress label={t('keyChange.label', change)} value={change.done} total={change.total} />
			<p>{t('keyChange.hint')}</p>
		</Banner>
	);
}
