import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApp, useAppStore } from '../../app/engine-context';
import { FailureBanner } from '../../app/FailureBanner';
import { useFormat } from '../../app/format';
import type { Command, Failure, WaitingSignIn } from '../../engine/contract';
import { Button } from '../../ui/button/Button';
import { Dialog } from '../../ui/dialog/Dialog';
import { DeviceIcon } from '../../ui/icons';
import code from './Approval.module.css';
import { ApprovalCode } from './ApprovalCode';
import styles from './SignInNotices.module.css';

/** Interrupts: somebody signs in to this account elsewhere, and a device that is signed in has to let them in. */
export function Approval() {
	const refused = useApp((state) => state.refused);
	const waiting = useApp((state) => state.approvals.waiting[0]);
	if (refused) return <Refused />;
	return waiting ? <Waits key={waiting.device} waiting={waiting} /> : null;
}

type Act = Extract<Command, { do: 'claimApproval' | 'grantApproval' | 'denyApproval' }>['do'];

function Waits({ waiting }: { waiting: WaitingSignIn }) {
	const { t } = useTranslation('settings');
	const { actions } = useAppStore();
	const [busy, setBusy] = useState<Act | null>(null);
	const [failure, setFailure] = useState<Failure | null>(null);
	const { device, step } = waiting;
	const later = () => actions.showApproval(false);

	async function act(what: Act): Promise<void> {
		setBusy(what);
		setFailure(null);
		const outcome = await actions.perform({ do: what, device });
		setBusy(null);
		if (!outcome.ok) setFailure(outcome.failure);
		else if (what === 'denyApproval') actions.setRefused(true);
	}

	const taken = failure?.is === 'server' && failure.code === 'request_pending';
	return (
		<Dialog
			isOpen
			alert
			onClose={later}
			title={t(step === 'code' ? 'approval.compare' : 'approval.title')}
			actions={
				<>
					<Button kind="quiet" onPress={later}>
						{t('approval.later')}
					</Button>
					<Button
						kind="danger"
						onPress={() => void act('denyApproval')}
						isPending={busy === 'denyApproval'}
						isDisabled={busy !== null}
					>
						{t(step === 'code' || step === 'differs' ? 'approval.differ' : 'approval.notMe')}
					</Button>
					{step === 'asked' && (
						<Button
							kind="primary"
							onPress={() => void act('claimApproval')}
							isPending={busy === 'claimApproval'}
							isDisabled={busy !== null}
						>
							{t('approval.show')}
						</Button>
					)}
					{step === 'code' && (
						<Button
							kind="primary"
							onPress={() => void act('grantApproval')}
							isPending={busy === 'grantApproval'}
							isDisabled={busy !== null}
						>
							{t('approval.same')}
						</Button>
					)}
				</>
			}
		>
			<Which waiting={waiting} />
			<div role="status" className={code.status}>
				{waiting.code !== undefined && <ApprovalCode code={waiting.code} label={t('approval.code')} />}
				<p>{t(`approval.step.${step}`)}</p>
			</div>
			{taken ? <p>{t('approval.step.elsewhere')}</p> : <FailureBanner failure={failure} />}
		</Dialog>
	);
}

function Which({ waiting }: { waiting: WaitingSignIn }) {
	const format = useFormat();
	return (
		<div className={styles.device}>
			<DeviceIcon />
			<span>
				<strong dir="auto">{waiting.name}</strong>
				<br />
				<span className={styles.time}>{format.dateTime(waiting.asked)}</span>
			</span>
		</div>
	);
}

/** Whoever it was had the passphrase. */
function Refused() {
	const { t } = useTranslation('settings');
	const navigate = useNavigate();
	const { actions } = useAppStore();
	const close = () => actions.setRefused(false);
	return (
		<Dialog
			isOpen
			alert
			onClose={close}
			title={t('approval.refused')}
			actions={
				<>
					<Button kind="quiet" onPress={close}>
						{t('approval.wasMe')}
					</Button>
					<Button
						kind="primary"
						onPress={() => {
							close();
							void navigate({ to: '/settings/passphrase', search: { known: true } });
						}}
					>
						{t('approval.change')}
					</Button>
				</>
			}
		>
			<p>{t('approval.refusedExplain')}</p>
		</Dialog>
	);
}
