import { Link, useRouterState } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { useApp, useAppStore } from '../engine-context';
import { useFormat } from '../format';

/** What is to be said of the recovery code, the most urgent first. */
export function RecoveryStrips() {
	return (
		<>
			<ChangedStrip />
			<WantedStrip />
			<ReminderStrip />
		</>
	);
}

/** Another device changed the recovery code: stays until the person says that they know. */
function ChangedStrip() {
	const { t } = useTranslation('common');
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
					<Link to="/settings/devices">{t('passphraseChanged.devices')}</Link>
					<Button kind="quiet" onPress={() => actions.send({ do: 'noticesSeen' })}>
						{t('passphraseChanged.mine')}
					</Button>
				</>
			}
		>
			{t('recovery.changed', { time: format.dateTime(changed) })}
		</Banner>
	);
}

/** Somebody came in by the code, and has not chosen a new passphrase yet. */
function WantedStrip() {
	const { t } = useTranslation('common');
	const wanted = useApp((state) => state.recovery.passphraseWanted);
	const path = useRouterState({ select: (state) => state.location.pathname });
	if (!wanted || path === '/settings/passphrase') return null;
	return (
		<Banner
			strip
			tone="warn"
			live="status"
			action={<Link to="/settings/passphrase">{t('recovery.choose')}</Link>}
		>
			{t('recovery.wanted')}
		</Banner>
	);
}

/** Said once, on all devices together, to who has no code. */
function ReminderStrip() {
	const { t } = useTranslation('common');
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
						{t('recovery.toCode')}
					</Link>
					<Button kind="quiet" onPress={seen}>
						{t('recovery.notNow')}
					</Button>
				</>
			}
		>
			{t('recovery.remind')}
		</Banner>
	);
}
