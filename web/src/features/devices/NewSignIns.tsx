import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApp, useAppStore } from '../../app/engine-context';
import { useFormat } from '../../app/format';
import { isLoud } from '../../app/state';
import { Button } from '../../ui/button/Button';
import { Choice } from '../../ui/choice/Choice';
import { DeviceIcon } from '../../ui/icons';
import { Section } from '../../ui/page/Page';
import styles from './Devices.module.css';

type Level = 'off' | 'notify' | 'required';

/** What happens when somebody signs in with the passphrase. */
export function NewSignIns() {
	const { t } = useTranslation('settings');
	const navigate = useNavigate();
	const { actions } = useAppStore();
	const required = useApp((state) => state.approvals.required);
	const notices = useApp((state) => state.settings.signInNotices);
	const level: Level = required ? 'required' : notices ? 'notify' : 'off';
	// what was chosen and takes the passphrase: nothing is so, or saved, before that
	const [wanted, setWanted] = useState<Level | null>(null);
	const chosen = wanted ?? level;
	function choose(next: Level): void {
		const passphrase = next !== level && (next === 'required' || required);
		setWanted(passphrase ? next : null);
		if (next !== level && !passphrase) actions.saveSettings({ signInNotices: next === 'notify' });
	}
	return (
		<Section title={t('approval.levels')} lead={t('approval.levelsLead')}>
			<Choice
				label={t('approval.levels')}
				labelHidden
				value={chosen}
				onChange={choose}
				options={[
					{ value: 'off', label: t('approval.level.off') },
					{ value: 'notify', label: t('approval.level.notify') },
					{ value: 'required', label: t('approval.level.required') },
				]}
			/>
			<p className={styles.muted}>{t(`approval.levelHint.${chosen}`)}</p>
			<div role="status">{chosen !== level && <p>{t('approval.withPassphrase')}</p>}</div>
			{chosen !== level && (
				<div>
					<Button
						kind="primary"
						onPress={() =>
							void navigate({
								to: '/settings/approval',
								search: chosen === 'required' ? {} : { after: chosen },
							})
						}
					>
						{t('approval.continue')}
					</Button>
				</div>
			)}
		</Section>
	);
}

/** Sign-ins that wait to be let in. */
export function WaitingSignIns() {
	const { t } = useTranslation('settings');
	const format = useFormat();
	const { actions } = useAppStore();
	const waiting = useApp((state) => state.approvals.waiting);
	if (waiting.length === 0) return null;
	return (
		<Section title={t('approval.waiting')}>
			<ul className={styles.list}>
				{waiting.map((one) => (
					<li key={one.device} className={styles.row}>
						<span className={styles.icon}>
							<DeviceIcon />
						</span>
						<div className={styles.words}>
							<p className={styles.name} dir="auto">
								{one.name}
							</p>
							<p className={styles.muted}>{format.dateTime(one.asked)}</p>
						</div>
						<Button onPress={() => actions.showApproval(one.device)}>
							{t('approval.look')} <span className="visually-hidden">{one.name}</span>
						</Button>
					</li>
				))}
			</ul>
		</Section>
	);
}

/** Sign-ins that were not told loudly, until they are acknowledged. */
export function QuietNotices() {
	const { t } = useTranslation('settings');
	const { actions } = useAppStore();
	const loud = useApp(isLoud);
	const count = useApp((state) => state.notices.length);
	if (loud || count === 0) return null;
	return (
		<div className={styles.quiet}>
			<p>{t('approval.quiet', { count })}</p>
			<Button kind="quiet" onPress={() => actions.showNotices(true)}>
				{t('approval.look')}
			</Button>
		</div>
	);
}
