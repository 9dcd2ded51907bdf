import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAppStore } from '../../app/engine-context';
import { FailureBanner } from '../../app/FailureBanner';
import type { Command, Failure, Person } from '../../engine/contract';
import { Button } from '../../ui/button/Button';
import { IconButton } from '../../ui/button/IconButton';
import { Dialog } from '../../ui/dialog/Dialog';
import { MoreIcon } from '../../ui/icons';
import { Menu, MenuItem } from '../../ui/menu/Menu';
import { toast } from '../../ui/toast/toasts';
import { isolate } from '../timeline/model/clean';

/** What an admin of the organisation can do with somebody in it. */
export type PersonAct = 'admin' | 'ordinary' | 'suspend' | 'readmit' | 'close';

/** Admins are made ordinary members first; who is suspended becomes none. */
export function actsOn(person: Person): PersonAct[] {
	if (person.admin) return ['ordinary'];
	return person.suspended ? ['readmit', 'close'] : ['admin', 'suspend', 'close'];
}

function commandOf(act: PersonAct, member: string): Command {
	switch (act) {
		case 'admin':
		case 'ordinary':
			return { do: 'setAdmin', member, admin: act === 'admin' };
		case 'suspend':
		case 'readmit':
			return { do: 'suspend', member, suspended: act === 'suspend' };
		case 'close':
			return { do: 'closeAccountOf', member };
	}
}

export interface PersonMenuProps {
	person: Person;
	/** Something was done: how they stand is another now. */
	onDone: () => void;
}

/** The menu at the end of somebody's line, and what it asks before something is done. */
export function PersonMenu({ person, onDone }: PersonMenuProps) {
	const { t } = useTranslation('settings');
	const [asked, setAsked] = useState<PersonAct | null>(null);
	const name = isolate(person.displayName);
	const label = t('people.menu', { name });
	return (
		<>
			<Menu
				label={label}
				trigger={
					<IconButton label={label}>
						<MoreIcon />
					</IconButton>
				}
			>
				{actsOn(person).map((act) => (
					<MenuItem key={act} text={t(`people.act.${act}`)} onAction={() => setAsked(act)} />
				))}
			</Menu>
			{asked && (
				<PersonDialog
					act={asked}
					person={person}
					onClose={(done) => {
						setAsked(null);
						if (done) onDone();
					}}
				/>
			)}
		</>
	);
}

interface PersonDialogProps {
	act: PersonAct;
	person: Person;
	onClose: (done: boolean) => void;
}

function PersonDialog({ act, person, onClose }: PersonDialogProps) {
	const { t } = useTranslation('settings');
	const { actions } = useAppStore();
	const [busy, setBusy] = useState(false);
	const [failure, setFailure] = useState<Failure | null>(null);
	const name = isolate(person.displayName);

	async function carryOut(): Promise<void> {
		setBusy(true);
		setFailure(null);
		const outcome = await actions.perform(commandOf(act, person.member));
		setBusy(false);
		if (!outcome.ok) return setFailure(outcome.failure);
		toast(t(`people.now.${act}`, { name }));
		onClose(true);
	}

	return (
		<Dialog
			isOpen
			alert
			onClose={() => onClose(false)}
			title={t(`people.ask.${act}`, { name })}
			actions={
				<>
					<Button onPress={() => onClose(false)}>{t('people.notNow')}</Button>
					<Button
						kind={act === 'readmit' || act === 'admin' ? 'primary' : 'danger'}
						onPress={() => void carryOut()}
						isPending={busy}
					>
						{t(`people.act.${act}`)}
					</Button>
				</>
			}
		>
			<p>{t(`people.meaning.${act}`, { name })}</p>
			<FailureBanner failure={failure} />
		</Dialog>
	);
}
