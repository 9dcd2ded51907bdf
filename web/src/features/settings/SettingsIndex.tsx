import { useTranslation } from 'react-i18next';
import { GoTo } from '../../app/GoTo';
import { useMedia } from '../../app/use-media';
import { BackLink } from '../../ui/page/BackLink';
import { Page } from '../../ui/page/Page';
import { SettingsNav } from './SettingsNav';

/** The sections as a list, on a phone; beside it there is room for the first one. */
export function SettingsIndex() {
	const { t } = useTranslation('settings');
	const wide = useMedia('twoColumns');
	if (wide) return <GoTo to="/settings/profile" />;
	return (
		<Page title={t('title')} back={<BackLink to="/" label={t('toConversations')} />}>
			<SettingsNav />
		</Page>
	);
}
