import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Failure, Person } from '../../engine/contract';
import { Button } from '../../ui/button/Button';
import { Dialog } from '../../ui/dialog/Dialog';
import { toast } from '../../ui/toast/toasts';
import { isolate } from '../timeline/model/clean';
import { GroupTrouble } from './GroupTrouble';
import type { GroupModel } from './model/group-model';
import type { Act } from './model/rights';

/** What one can't take back by oneself. */
export type AskedAct = Extract<Act, 'remove' | 'stepDown'>;

/** What is asked about. */
export interface Asked {
	act: AskedAct;
	person: Person;
}

export interface ActDialogProps {
	asked: Asked;
	model: GroupModel;
	/** `done`: it was carried out. */
	onClose: (done: boolean) => void;
}

/** Asks before somebody is removed, and before one gives one's own role away. */
export function ActDialog({ asked: { act, person }, model, onClose }: ActDialogProps) {
	const { t } = useTranslation('groups');
	const [busy, setBusy] = useState(false);
	const [failure, setFailure] = useState<Failure | null>(null);
	const name = isolate(person.displayName);

	async function carryOut(): Promise<void> {
		setBusy(true);
		setFailure(null);
		const { member } = person;
		const outcome = await (act === 'remove' ? model.remove(member) : model.setRole(member, 'member'));
		setBusy(false);
		if (outcome.ok) {
			if (act === 'remove') toast(t('now.removed', { name }));
			onClose(true);
			return;
		}
		setFailure(outcome.failure);
		// it is said here, so that it need not be said behind
		model.forget();
	}

	return (
		<Dialog
			isOpen
			alert
			onClose={() => onClose(false)}
			title={t(`${act}.title`, { name })}
			actions={
				<>
					<Button onPress={() => onClose(false)}>{t(`${act}.cancel`)}</Button>
					<Button kind="danger" onPress={() => void carryOut()} isPending={busy}>
						{t(`${act}.confirm`)}
					</Button>
				</>
			}
		>
			<p>{t(`${act}.lead`, { name })}</p>
			<GroupTrouble failure={failure} />
		</Dialog>
	);
}
