import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { useApp, useAppStore } from '../../app/engine-context';
import { FailureBanner } from '../../app/FailureBanner';
import { useFormat } from '../../app/format';
import type { WaitingSignIn } from '../../engine/contract';
import { Button } from '../../ui/button/Button';
import { Dialog } from '../../ui/dialog/Dialog';
import { DeviceIcon } from '../../ui/icons';
import approvalStyles from './Approval.module.css';
import { ApprovalCode } from './ApprovalCode';
import { type ApprovalDialogModel, createApprovalDialogModel } from './approval-dialog-model';
import styles from './SignInNotices.module.css';

/** Interrupts: somebody signs in to this account elsewhere, and a device that is signed in has to let them in. */
export function Approval() {
	const refused = useApp((state) => state.refused);
	const waiting = useApp((state) =>
		state.approvals.waiting.find((one) => one.device === state.approvalShown),
	);
	if (refused === 'differ') return <Differed />;
	if (refused === 'notMe') return <NotMe />;
	return waiting ? <Waits key={waiting.device} waiting={waiting} /> : null;
}

function Waits({ waiting }: { waiting: WaitingSignIn }) {
	const { t } = useTranslation('settings');
	const app = useAppStore();
	const [model] = useState(() => createApprovalDialogModel(app, waiting.device));
	const failure = useStore(model, (state) => state.failure);
	const { step } = waiting;
	const later = () => app.actions.showApproval(null);
	useEffect(() => model.sees(waiting), [model, waiting]);
	const taken = failure?.is === 'server' && failure.code === 'request_pending';
	return (
		<Dialog
			isOpen
			alert
			onClose={later}
			title={t(step === 'code' ? 'approval.compare' : 'approval.title')}
			actions={<Actions model={model} step={step} onLater={later} />}
		>
			<Which waiting={waiting} />
			<Said waiting={waiting} />
			{step === 'code' && <Compared model={model} />}
			{taken ? <p>{t('approval.step.elsewhere')}</p> : <FailureBanner failure={failure} />}
			<Others but={waiting.device} />
		</Dialog>
	);
}

interface ActionsProps {
	model: ApprovalDialogModel;
	step: WaitingSignIn['step'];
	onLater: () => void;
}

function Actions({ model, step, onLater }: ActionsProps) {
	const { t } = useTranslation('settings');
	const { busy, looked } = useStore(model);
	const differs = step === 'differs';
	return (
		<>
			<Button kind="quiet" onPress={onLater}>
				{t('approval.later')}
			</Button>
			<Button
				kind="danger"
				onPress={() => void model.deny(differs ? 'differ' : 'notMe')}
				isPending={busy === 'denyApproval'}
				isDisabled={(busy !== null && busy !== 'denyApproval') || (step === 'code' && !looked)}
			>
				{t(differs ? 'approval.refuse' : 'approval.notMe')}
			</Button>
			{(step === 'asked' || step === 'preparing') && (
				<Button
					kind="primary"
					onPress={() => void model.claim()}
					isPending={busy === 'claimApproval' || step === 'preparing'}
					isDisabled={busy === 'denyApproval'}
				>
					{t('approval.show')}
				</Button>
			)}
		</>
	);
}

/** What was said last has the focus: the button that was pressed may be gone. */
function Said({ waiting: { step, code } }: { waiting: WaitingSignIn }) {
	const { t } = useTranslation('settings');
	const said = useRef<HTMLParagraphElement>(null);
	const first = useRef(step);
	useEffect(() => {
		if (step === first.current) return;
		first.current = step;
		if (step === 'differs' || step === 'elsewhere') said.current?.focus();
	}, [step]);
	return (
		<>
			{code !== undefined && <ApprovalCode code={code} label={t('approval.code')} />}
			<p role="status" ref={said} tabIndex={-1} className={approvalStyles.said}>
				{t(`approval.step.${step}`)}
			</p>
		</>
	);
}

/** The answers stand below the code, and not where the button was that showed it. */
function Compared({ model }: { model: ApprovalDialogModel }) {
	const { t } = useTranslation('settings');
	const { busy, looked } = useStore(model);
	return (
		<div className={approvalStyles.answers}>
			<Button
				onPress={() => void model.grant()}
				isPending={busy === 'grantApproval'}
				isDisabled={!looked || busy === 'denyApproval'}
			>
				{t('approval.same')}
			</Button>
			<Button onPress={() => void model.deny('differ')} isDisabled={!looked || busy !== null}>
				{t('approval.differ')}
			</Button>
		</div>
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

/** One's own may be behind one that was sent to be in the way. */
function Others({ but }: { but: string }) {
	const { t } = useTranslation('settings');
	const format = useFormat();
	const { actions } = useAppStore();
	const waiting = useApp((state) => state.approvals.waiting);
	const others = waiting.filter((one) => one.device !== but).sort((a, b) => b.asked - a.asked);
	if (others.length === 0) return null;
	return (
		<div className={approvalStyles.others}>
			<p>{t('approval.others', { count: others.length })}</p>
			<ul className={styles.devices}>
				{others.map((one) => (
					<li key={one.device} className={approvalStyles.other}>
						<span>
							<span dir="auto">{one.name}</span>
							<br />
							<span className={styles.time}>{format.dateTime(one.asked)}</span>
						</span>
						<Button kind="quiet" onPress={() => actions.showApproval(one.device)}>
							{t('approval.look')} <span className="visually-hidden">{one.name}</span>
						</Button>
					</li>
				))}
			</ul>
		</div>
	);
}

/** Whoever it was had the passphrase. */
function NotMe() {
	const { t } = useTranslation('settings');
	const navigate = useNavigate();
	const { actions } = useAppStore();
	const close = () => actions.setRefused(null);
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

/** It was the person, and somebody between this app and the server. */
function Differed() {
	const { t } = useTranslation('settings');
	const { actions } = useAppStore();
	const close = () => actions.setRefused(null);
	return (
		<Dialog
			isOpen
			alert
			onClose={close}
			title={t('approval.refused')}
			actions={
				<Button kind="primary" onPress={close}>
					{t('approval.understood')}
				</Button>
			}
		>
			<p>{t('approval.differed')}</p>
			<ul className={approvalStyles.points}>
				<li>{t('approval.differedNetwork')}</li>
				<li>{t('approval.differedAdmin')}</li>
			</ul>
		</Dialog>
	);
}
