import { useTranslation } from 'react-i18next';
import { ButtonLink } from '../../ui/link/ButtonLink';
import { Page } from '../../ui/page/Page';

/** What the server's page is, where nothing is wrong with it. Opened from another tab to see what the browser says of the server. */
export function Reached() {
	const { t } = useTranslation('trouble');
	return (
		<Page title={t('reached.title')} lead={t('reached.lead')}>
			<div>
				<ButtonLink to="/">{t('reached.home')}</ButtonLink>
			</div>
		</Page>
	);
}
