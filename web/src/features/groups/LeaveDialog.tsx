import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Failure, Group } from '../../engine/contract';
import { Button } from '../../ui/button/Button';
import { Dialog } from '../../ui/dialog/Dialog';
import { toast } from '../../ui/toast/toasts';
import { GroupTrouble } from './GroupTrouble';
import type { GroupModel } from './model/group-model';
import { isLastAdmin } from './model/rights';

export interface LeaveDialogProps {
	group: Group;
	model: GroupModel;
	onClose: () => void;
}

/** Asks before one leaves: only others can bring one back. */
export function LeaveDialog({ group, model, onClose }: LeaveDialogProps) {
	const { t } = useTranslation('groups');
	const [busy, setBusy] = useState(false);
	const [failure, setFailure] = useState<Failure | null>(null);

	async function leave(): Promise<void> {
		setBusy(true);
		setFailure(null);
		const outcome = await model.leave();
		setBusy(false);
		if (outcome.ok) {
			toast(t('leave.done'));
			onClose();
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
			onClose={onClose}
			title={t('leave.title')}
			actions={
				<>
					<Button onPress={onClose}>{t('leave.cancel')}</Button>
					<Button kind="danger" onPress={() => void leave()} isPending={busy}>
						{t('leave.confirm')}
					</Button>
				</>
			}
		>
			<p>{t('leave.lead')}</p>
			{isLastAdmin(group) && <p>{t('leave.lastAdmin')}</p>}
			<GroupTrouble failure={failure} />
		</Dialog>
	);
}
