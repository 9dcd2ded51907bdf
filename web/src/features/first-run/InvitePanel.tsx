import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApp, useAppStore } from '../../app/engine-context';
import { FailureBanner } from '../../app/FailureBanner';
import { useFormat } from '../../app/format';
import type { Failure } from '../../engine/contract';
import { Button } from '../../ui/button/Button';
import { CopyField } from '../../ui/copy-field/CopyField';
import { PlusIcon, PrintIcon } from '../../ui/icons';
import { QrCode } from '../../ui/qr/QrCode';
import { InvitationSheet } from './InvitationSheet';
import styles from './InvitePanel.module.css';

/** Makes invitations: as a link, as a QR code, or as a printed sheet. */
export function InvitePanel() {
	const { t } = useTranslation('entry');
	const { actions } = useAppStore();
	const invitation = useApp((state) => state.invitation);
	const [busy, setBusy] = useState(false);
	const [failure, setFailure] = useState<Failure | null>(null);

	async function make(): Promise<void> {
		setBusy(true);
		setFailure(null);
		const outcome = await actions.perform({ do: 'invite' });
		if (!outcome.ok) setFailure(outcome.failure);
		setBusy(false);
	}

	return (
		<div className={styles.panel}>
			{invitation && <Made link={invitation.link} expires={invitation.expires} />}
			<FailureBanner failure={failure} />
			<Button wide onPress={() => void make()} isPending={busy}>
				<PlusIcon />
				{invitation ? t('invite.another') : t('invite.make')}
			</Button>
		</div>
	);
}

function Made({ link, expires }: { link: string; expires: number }) {
	const { t } = useTranslation('entry');
	const format = useFormat();
	const until = format.dateTime(expires);
	return (
		<>
			<div className={styles.code}>
				<QrCode content={link} label={t('invite.qr')} />
			</div>
			<CopyField label={t('invite.link')} text={link} />
			<p className={styles.note} role="status">
				{t('invite.once', { until })}
			</p>
			<Button wide onPress={() => window.print()}>
				<PrintIcon />
				{t('invite.print')}
			</Button>
			<InvitationSheet link={link} until={until} />
		</>
	);
}
