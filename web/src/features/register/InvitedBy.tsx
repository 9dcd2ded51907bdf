import { useTranslation } from 'react-i18next';
import { useFormat } from '../../app/format';
import type { Inviter } from '../../engine/contract';
import { Banner } from '../../ui/banner/Banner';
import { Skeleton } from '../../ui/skeleton/Skeleton';
import { isolate } from '../timeline/model/clean';

/** Who invites, as their keys say it and not the server alone. */
export function InvitedBy({ inviter }: { inviter: Inviter }) {
	const { t } = useTranslation('entry');
	const format = useFormat();
	const { organisation, expires } = inviter;
	const name = isolate(inviter.displayName);
	return (
		<Banner live="status">
			<strong>
				{organisation
					? t('register.invitedBy', { name, organisation: isolate(organisation) })
					: t('register.invitedBySomebody', { name })}
			</strong>
			<br />
			{t('register.expires', { time: format.dateTime(expires) })}
		</Banner>
	);
}

/** The same while the server is asked: of its height, so that nothing moves under the finger when it comes. */
export function InvitedBySoon() {
	return (
		<Banner>
			<Skeleton width="14rem" />
			<br />
			<Skeleton width="10rem" />
		</Banner>
	);
}
