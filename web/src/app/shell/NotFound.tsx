import { useTranslation } from 'react-i18next';
import { ButtonLink } from '../../ui/link/ButtonLink';
import { EntryLayout } from '../EntryLayout';

/** An address that leads nowhere. */
export function NotFound() {
	const { t } = useTranslation('common');
	return (
		<EntryLayout title={t('notFound.title')} lead={t('notFound.lead')}>
			<ButtonLink to="/" kind="primary" wide>
				{t('notFound.home')}
			</ButtonLink>
		</EntryLayout>
	);
}
