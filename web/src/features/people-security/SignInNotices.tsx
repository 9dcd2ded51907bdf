import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApp, useAppStore } from '../../app/engine-context';
import { FailureBanner } from '../../app/FailureBanner';
import { useFormat } from '../../app/format';
import type { Command, Failure, SignInNotice } from '../../engine/contract';
import { Button } from '../../ui/button/Button';
import { Dialog } from '../../ui/dialog/Dialog';
import { DeviceIcon } from '../../ui/icons';
import styles from './SignInNotices.module.css';

/** "Was this you?": somebody signed in to this account on another device. */
export function SignInNotices() {
	const { t } = useTranslation('settings');
	const { actions } = useAppStore();
	const notices = useApp((state) => state.notices);
	const [step, setStep] = useState<'ask' | 'notMe'>('ask');
	const later = () => actions.showNotices(false);
	const mine = () => {
		actions.send(seen(notices));
		actions.showNotices(false);
	};
	if (step === 'notMe') return <NotMe notices={notices} onClose={later} />;
	return (
		<Dialog
			isOpen
			alert
			onClose={later}
			title={t('notices.title', { count: notices.length })}
			actions={
				<>
					<Button kind="danger" onPress={() => setStep('notMe')}>
						{t('notices.notMe')}
					</Button>
					<Button onPress={mine}>{t('notices.mine')}</Button>
				</>
			}
		>
			<Devices notices={notices} />
			<p>{t('notices.explain')}</p>
		</Dialog>
	);
}

/** Of these sign-ins alone: what else happened to the account is acknowledged where it is told. */
function seen(notices: SignInNotice[]): Command {
	return { do: 'noticesSeen', signIns: notices.map(({ device, time }) => ({ device, time })) };
}

function Devices({ notices }: { notices: SignInNotice[] }) {
	const { t } = useTranslation('settings');
	const format = useFormat();
	return (
		<ul className={styles.devices}>
			{notices.map((notice) => (
				<li key={notice.device} className={styles.device}>
					<DeviceIcon />
					<span>
						<strong dir="auto">{notice.name}</strong>
						<br />
						<span className={styles.time}>{format.dateTime(notice.time)}</span>
						{notice.signedOut !== undefined && (
							<>
								<br />
								<span className={styles.time}>
									{t('notices.signedOutAgain', { time: format.dateTime(notice.signedOut) })}
								</span>
							</>
						)}
					</span>
				</li>
			))}
		</ul>
	);
}

/** Signs those devices out, then leads to the passphrase: whoever signed in knows it. */
function NotMe({ notices, onClose }: { notices: SignInNotice[]; onClose: () => void }) {
	const { t } = useTranslation('settings');
	const navigate = useNavigate();
	const { actions } = useAppStore();
	const [busy, setBusy] = useState(false);
	const [failure, setFailure] = useState<Failure | null>(null);

	async function signThemOut(): Promise<void> {
		setBusy(true);
		setFailure(null);
		for (const { device } of notices) {
			const outcome = await actions.perform({ do: 'signOutDevice', device });
			// a device that is gone already needs no signing out
			if (!outcome.ok && !(outcome.failure.is === 'server' && outcome.failure.code === 'not_found')) {
				setFailure(outcome.failure);
				setBusy(false);
				return;
			}
		}
		actions.send(seen(notices));
		actions.showNotices(false);
		void navigate({ to: '/settings/passphrase', search: { known: true } });
	}

	return (
		<Dialog
			isOpen
			alert
			onClose={onClose}
			title={t('notices.notMeTitle')}
			actions={
				<>
					<Button onPress={onClose} isDisabled={busy}>
						{t('notices.later')}
					</Button>
					<Button kind="danger" onPress={() => void signThemOut()} isPending={busy}>
						{t('notices.signOut', { count: notices.length })}
					</Button>
				</>
			}
		>
			<Devices notices={notices} />
			<p>{t('notices.notMeExplain')}</p>
			<FailureBanner failure={failure} />
		</Dialog>
	);
}
