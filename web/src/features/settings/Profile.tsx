import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApp, useAppStore } from '../../app/engine-context';
import { FailureBanner } from '../../app/FailureBanner';
import type { Failure } from '../../engine/contract';
import { Avatar } from '../../ui/avatar/Avatar';
import { Button } from '../../ui/button/Button';
import { Form } from '../../ui/form/Form';
import { Section } from '../../ui/page/Page';
import { TextField } from '../../ui/text-field/TextField';
import { toast } from '../../ui/toast/toasts';
import { CloseAccount } from './CloseAccount';
import { SectionPage } from './SectionPage';
import styles from './Settings.module.css';

/** Who one is here, and how one is shown to the others. */
export function Profile() {
	const { t } = useTranslation('settings');
	const session = useApp((state) => state.session);
	if (!session) return null;
	const { me, organisation, role } = session;
	return (
		<SectionPage title={t('nav.profile')}>
			<div className={styles.person}>
				<Avatar name={me.displayName} id={me.member} size="large" />
				<div>
					<p className={styles.personName} dir="auto">
						{me.displayName}
					</p>
					<p className={styles.muted}>
						<bdi>{me.loginName}</bdi> · {t(`role.${role}`)} · <bdi>{organisation}</bdi>
					</p>
				</div>
			</div>
			<Section title={t('profile.rename')} lead={t('profile.renameLead')}>
				<Rename key={me.displayName} current={me.displayName} />
			</Section>
			<Section title={t('close.section')} lead={t('close.lead')}>
				<CloseAccount />
			</Section>
		</SectionPage>
	);
}

function Rename({ current }: { current: string }) {
	const { t } = useTranslation('settings');
	const { actions } = useAppStore();
	const [displayName, setDisplayName] = useState(current);
	const [passphrase, setPassphrase] = useState('');
	const [busy, setBusy] = useState(false);
	const [failure, setFailure] = useState<Failure | null>(null);
	const [tried, setTried] = useState(false);

	async function save(): Promise<void> {
		setTried(true);
		if (displayName.trim() === '' || passphrase === '' || busy) return;
		setBusy(true);
		setFailure(null);
		const outcome = await actions.perform({ do: 'rename', passphrase, displayName: displayName.trim() });
		setBusy(false);
		if (outcome.ok) {
			setPassphrase('');
			setTried(false);
			toast(t('profile.renamed'));
		} else setFailure(outcome.failure);
	}

	return (
		<Form onSubmit={() => void save()}>
			<TextField
				label={t('profile.name')}
				value={displayName}
				onChange={setDisplayName}
				error={tried && displayName.trim() === '' ? t('profile.nameNeeded') : null}
				autoComplete="name"
				maxLength={64}
			/>
			<TextField
				label={t('passphrase.current')}
				hint={t('profile.whyPassphrase')}
				value={passphrase}
				onChange={setPassphrase}
				error={tried && passphrase === '' ? t('passphrase.currentNeeded') : null}
				autoComplete="current-password"
				secret
				mono
			/>
			<FailureBanner failure={failure} />
			<div>
				<Button type="submit" kind="primary" isPending={busy} isDisabled={displayName.trim() === current}>
					{t('save')}
				</Button>
			</div>
		</Form>
	);
}
