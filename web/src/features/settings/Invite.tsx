import { useTranslation } from 'react-i18next';
import { InvitePanel } from '../first-run/InvitePanel';
import { SectionPage } from './SectionPage';

/** Invitations, for admins. */
export function Invite() {
	const { t } = useTranslation('settings');
	return (
		<SectionPage title={t('nav.invite')} lead={t('invite.lead')}>
			<InvitePanel />
		</SectionPage>
	);
}
