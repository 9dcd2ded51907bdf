import { Link, useRouterState } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApp, useAppStore } from '../../app/engine-context';
import { FailureBanner } from '../../app/FailureBanner';
import { useFormat } from '../../app/format';
import { newestOf } from '../../app/state';
import type { Failure } from '../../engine/contract';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { ConfirmButton } from '../../ui/confirm/ConfirmButton';
import { isolate } from '../timeline/model/clean';
import { PassphraseStrip } from './PassphraseStrip';

/** What is to be said of the ways into the account, the most urgent first. */
export function WaysStrips() {
	return (
		<>
			<WaitingStrip />
			<PassphraseStrip />
			<ChangedStrip />
			<ForgottenStrip />
			<OthersStrip />
			<WantedStrip />
			<ReminderStrip />
		</>
	);
}

/** Somebody waits to be let in; the dialog about it was put off. */
function WaitingStrip() {
	const { t } = useTranslation('settings');
	const waiting = useApp((state) =>
		state.approvalShown === null ? newestOf(state.approvals.waiting) : undefined,
	);
	const { actions } = useAppStore();
	if (waiting === undefined) return null;
	return (
		<Banner
			strip
			tone="bad"
			live="alert"
			action={
				<Button kind="quiet" onPress={() => actions.showApproval(waiting.device)}>
					{t('approval.look')}
				</Button>
			}
		>
			{t('approval.strip', { name: isolate(waiting.name) })}
		</Banner>
	);
}

/** Another device changed the recovery code: stays until the person says that they know. */
function ChangedStrip() {
	const { t } = useTranslation('settings');
	const format = useFormat();
	const changed = useApp((state) => state.recoveryChanged);
	const { actions } = useAppStore();
	if (changed === null) return null;
	return (
		<Banner
			strip
			tone="bad"
			live="alert"
			action={
				<>
					<Link to="/settings/devices">{t('nav.devices')}</Link>
					<Button
						kind="quiet"
						onPress={() => actions.send({ do: 'noticesSeen', signIns: [], recoveryChanged: changed })}
					>
						{t('notices.mine')}
					</Button>
				</>
			}
		>
			{t('recovery.strip.changed', { time: format.dateTime(changed) })}
		</Banner>
	);
}

/** A device asks for a new passphrase in the place of a forgotten one: everybody who is signed in to the account hears of it. */
function ForgottenStrip() {
	const { t } = useTranslation('settings');
	const request = useApp((state) => state.forgotten);
	const path = useRouterState({ select: (state) => state.location.pathname });
	const { busy, failure, act } = useForgottenActs();
	if (request === null || path === '/settings/forgotten') return null;
	if (request.mine) {
		return (
			<Banner
				strip
				tone="warn"
				live="status"
				action={<Link to="/settings/forgotten">{t('forgotten.strip.look')}</Link>}
			>
				{t(request.ready ? 'forgotten.strip.ready' : 'forgotten.strip.waits')}
			</Banner>
		);
	}
	const device = isolate(request.name);
	return (
		<>
			<Banner
				strip
				tone="bad"
				live="alert"
				action={
					<>
						{!request.approved && (
							<ConfirmButton
								kind="quiet"
								label={t('forgotten.approve')}
								question={t('forgotten.approveQuestion')}
								onConfirm={() => void act('approveForgotten')}
								isPending={busy === 'approveForgotten'}
							/>
						)}
						<Button
							kind="quiet"
							onPress={() => void act('cancelForgotten')}
							isPending={busy === 'cancelForgotten'}
						>
							{t('forgotten.cancel')}
						</Button>
					</>
				}
			>
				{t(request.approved ? 'forgotten.strip.approved' : 'forgotten.strip.elsewhere', { device })}
			</Banner>
			<FailureBanner failure={failure} />
		</>
	);
}

type Act = 'approveForgotten' | 'cancelForgotten';

/** What is done about a request, and how that went: who only thinks that it is cancelled loses the account. */
function useForgottenActs() {
	const { actions } = useAppStore();
	const [busy, setBusy] = useState<Act | null>(null);
	const [failure, setFailure] = useState<Failure | null>(null);
	async function act(what: Act): Promise<void> {
		setBusy(what);
		setFailure(null);
		const outcome = await actions.perform({ do: what });
		if (!outcome.ok) setFailure(outcome.failure);
		setBusy(null);
	}
	return { busy, failure, act };
}

/** Others ask an admin. */
function OthersStrip() {
	const { t } = useTranslation('settings');
	const others = useApp((state) => state.forgottenOthers);
	const path = useRouterState({ select: (state) => state.location.pathname });
	const [first] = others;
	if (first === undefined || path === '/settings/people') return null;
	return (
		<Banner
			strip
			tone="warn"
			live="status"
			action={<Link to="/settings/people">{t('forgotten.strip.look')}</Link>}
		>
			{t('forgotten.strip.others', { count: others.length, name: isolate(first.displayName) })}
		</Banner>
	);
}

/** Somebody came in by the code, and has not chosen a new passphrase yet. */
function WantedStrip() {
	const { t } = useTranslation('settings');
	const wanted = useApp((state) => state.recovery.passphraseWanted);
	const path = useRouterState({ select: (state) => state.location.pathname });
	if (!wanted || path === '/settings/passphrase') return null;
	return (
		<Banner
			strip
			tone="warn"
			live="status"
			action={<Link to="/settings/passphrase">{t('recovery.strip.choose')}</Link>}
		>
			{t('recovery.strip.wanted')}
		</Banner>
	);
}

/** Said once, on all devices together, to who has no code. */
function ReminderStrip() {
	const { t } = useTranslation('settings');
	const remind = useApp((state) => state.recovery.remind);
	const { actions } = useAppStore();
	if (!remind) return null;
	const seen = () => actions.saveSettings({ recoveryReminded: true });
	return (
		<Banner
			strip
			live="status"
			action={
				<>
					<Link to="/settings/recovery" onClick={seen}>
						{t('recovery.strip.toCode')}
					</Link>
					<Button kind="quiet" onPress={seen}>
						{t('recovery.strip.notNow')}
					</Button>
				</>
			}
		>
			{t('recovery.strip.remind')}
		</Banner>
	);
}
