import { useTranslation } from 'react-i18next';
import { IconButton } from '../../ui/button/IconButton';
import { MoreIcon } from '../../ui/icons';
import { Menu, MenuItem } from '../../ui/menu/Menu';
import { toast } from '../../ui/toast/toasts';
import { isolate } from '../timeline/model/clean';
import type { AskedAct } from './ActDialog';
import type { GroupModel } from './model/group-model';
import type { Member } from './model/members';
import type { Act } from './model/rights';

export interface MemberMenuProps {
	member: Member;
	/** What one may do; not empty. */
	acts: readonly Act[];
	/** Something is being changed with them. */
	pending: boolean;
	model: GroupModel;
	/** For what is asked before it is done. */
	onAsk: (act: AskedAct) => void;
}

/** What an admin can do with somebody in the group. */
export function MemberMenu({ member, acts, pending, model, onAsk }: MemberMenuProps) {
	const { t } = useTranslation('groups');
	const { person, self } = member;
	const name = isolate(person.displayName);
	const label = pending
		? t('members.changing', { name })
		: self
			? t('members.menuOwn')
			: t('members.menu', { name });

	async function act(what: Act): Promise<void> {
		if (what === 'remove' || what === 'stepDown') return onAsk(what);
		const outcome = await model.setRole(person.member, what);
		if (outcome.ok) toast(t(`now.${what}`, { name }));
	}

	return (
		<Menu
			label={label}
			trigger={
				<IconButton label={label} isPending={pending}>
					<MoreIcon />
				</IconButton>
			}
		>
			{acts.map((what) => (
				<MenuItem key={what} text={t(`act.${what}`)} onAction={() => void act(what)} />
			))}
		</Menu>
	);
}
