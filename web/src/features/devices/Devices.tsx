import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApp, useAppStore } from '../../app/engine-context';
import { FailureBanner } from '../../app/FailureBanner';
import { useFormat } from '../../app/format';
import { useOnceOnline } from '../../app/use-once-online';
import type { Device, Failure } from '../../engine/contract';
import { ConfirmButton } from '../../ui/confirm/ConfirmButton';
import { DeviceIcon } from '../../ui/icons';
import { Section } from '../../ui/page/Page';
import { Skeleton } from '../../ui/skeleton/Skeleton';
import { SectionPage } from '../settings/SectionPage';
import styles from './Devices.module.css';
import { KeyChange } from './KeyChange';
import { NewSignIns, QuietNotices, WaitingSignIns } from './NewSignIns';

/** Where the account is signed in, and how to end that. */
export function Devices() {
	const { t } = useTranslation('settings');
	const { actions } = useAppStore();
	const devices = useApp((state) => state.devices);
	const [failure, setFailure] = useState<Failure | null>(null);
	const [leaving, setLeaving] = useState<string | null>(null);

	const list = () => {
		void actions.perform({ do: 'listDevices' }).then((outcome) => {
			setFailure(outcome.ok ? null : outcome.failure);
		});
	};
	useOnceOnline(list);
	useOnNotices(() => actions.send({ do: 'listDevices' }));

	async function signOut(device: string | null): Promise<void> {
		setLeaving(device ?? 'others');
		setFailure(null);
		const outcome = await actions.perform(
			device === null ? { do: 'signOutOthers' } : { do: 'signOutDevice', device },
		);
		if (!outcome.ok) setFailure(outcome.failure);
		setLeaving(null);
		actions.send({ do: 'listDevices' });
	}

	const others = devices?.filter((one) => !one.current).length ?? 0;
	return (
		<SectionPage title={t('nav.devices')} lead={t('devices.lead')}>
			<KeyChange />
			<WaitingSignIns />
			<QuietNotices />
			<FailureBanner failure={failure} />
			<ul className={styles.list} aria-busy={devices === null && failure === null}>
				{devices === null && failure === null && <Waiting />}
				{devices?.map((one) => (
					<Row
						key={one.device}
						device={one}
						busy={leaving === one.device || leaving === 'others'}
						onSignOut={() => void signOut(one.device)}
					/>
				))}
			</ul>
			<NewSignIns />
			{others > 1 && (
				<Section title={t('devices.othersTitle')} lead={t('devices.othersLead')}>
					<div>
						<ConfirmButton
							label={t('devices.others')}
							question={t('devices.othersQuestion', { count: others })}
							onConfirm={() => void signOut(null)}
							isPending={leaving === 'others'}
						/>
					</div>
				</Section>
			)}
		</SectionPage>
	);
}

/** Asks again when a device that is not in the list yet has signed in. */
function useOnNotices(ask: () => void): void {
	const notices = useApp((state) => state.notices);
	const before = useRef(notices);
	useEffect(() => {
		const known = new Set(before.current.map((notice) => notice.device));
		before.current = notices;
		if (notices.some((notice) => !known.has(notice.device))) ask();
	});
}

/** The server notes when a device connects, at most once an hour: nothing finer is true. */
const HOUR = 60 * 60_000;

function Row({ device, busy, onSignOut }: { device: Device; busy: boolean; onSignOut: () => void }) {
	const { t } = useTranslation('settings');
	const format = useFormat();
	const unseen = useApp((state) => state.notices.some((notice) => notice.device === device.device));
	const when = format.dateTime(device.lastSeen - (device.lastSeen % HOUR));
	return (
		<li className={styles.row}>
			<span className={styles.icon}>
				<DeviceIcon />
			</span>
			<div className={styles.words}>
				<p className={styles.name}>
					<span dir="auto">{device.name}</span>
					{unseen && <span className={styles.current}>{t('approval.new')}</span>}
					{device.current && <span className={styles.current}>{t('devices.current')}</span>}
				</p>
				<p className={styles.muted}>
					{!device.current && `${t('devices.lastConnected', { when })} · `}
					{t('devices.since', { date: format.date(device.created) })}
				</p>
			</div>
			{!device.current && (
				<ConfirmButton
					label={t('devices.signOut')}
					question={t('devices.signOutQuestion')}
					onConfirm={onSignOut}
					isPending={busy}
					about={device.name}
				/>
			)}
		</li>
	);
}

function Waiting() {
	const { t } = useTranslation('common');
	return (
		<li className={styles.row}>
			<span className="visually-hidden">{t('loading')}</span>
			<Skeleton width="2.75rem" height="2.75rem" round />
			<div className={styles.words}>
				<Skeleton width="12rem" />
				<Skeleton width="8rem" />
			</div>
		</li>
	);
}
