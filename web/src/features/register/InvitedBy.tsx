import { useTranslation } from 'react-i18next';
import { useFormat } from '../../app/format';
import type { Inviter } from '../../engine/contract';
import { Banner } from '../../ui/banner/Banner';

/** Who invites, as their keys say it and not the server alone. */
export function InvitedBy({ inviter }: { inviter: Inviter }) {
	const { t } = useTranslation('entry');
	const format = useFormat();
	const { displayName: name, organisation, expires } = inviter;
	return (
		<Banner live="status">
			<strong dir="auto">
				{organisation
					? t('register.invitedBy', { name, organisation })
					: t('register.invitedBySomebody', { name })}
			</strong>
			<br />
			{t('register.expires', { time: format.dateTime(expires) })}
		</Banner>
	);
}
