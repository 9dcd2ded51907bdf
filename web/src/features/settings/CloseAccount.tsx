import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAppStore } from '../../app/engine-context';
import { FailureBanner } from '../../app/FailureBanner';
import type { Failure } from '../../engine/contract';
import { Button } from '../../ui/button/Button';
import { Checkbox } from '../../ui/checkbox/Checkbox';
import { Dialog } from '../../ui/dialog/Dialog';
import { TextField } from '../../ui/text-field/TextField';
import { toast } from '../../ui/toast/toasts';

/** The way out for good: what goes and what stays, and the passphrase, before anything happens. */
export function CloseAccount() {
	const { t } = useTranslation('settings');
	const [asking, setAsking] = useState(false);
	return (
		<div>
			<Button kind="danger" onPress={() => setAsking(true)}>
				{t('close.button')}
			</Button>
			{asking && <CloseDialog onClose={() => setAsking(false)} />}
		</div>
	);
}

function CloseDialog({ onClose }: { onClose: () => void }) {
	const { t } = useTranslation('settings');
	const { actions } = useAppStore();
	const [passphrase, setPassphrase] = useState('');
	const [sure, setSure] = useState(false);
	const [busy, setBusy] = useState(false);
	const [failure, setFailure] = useState<Failure | null>(null);

	async function close(): Promise<void> {
		setBusy(true);
		setFailure(null);
		const outcome = await actions.perform({ do: 'closeAccount', passphrase });
		setBusy(false);
		if (outcome.ok) toast(t('close.done'));
		else setFailure(outcome.failure);
	}

	return (
		<Dialog
			isOpen
			alert
			onClose={onClose}
			title={t('close.title')}
			actions={
				<>
					<Button onPress={onClose}>{t('close.stay')}</Button>
					<Button
						kind="danger"
						onPress={() => void close()}
						isPending={busy}
						isDisabled={!sure || passphrase === ''}
					>
						{t('close.button')}
					</Button>
				</>
			}
		>
			<p>{t('close.gone')}</p>
			<p>{t('close.stays')}</p>
			<TextField
				label={t('passphrase.current')}
				value={passphrase}
				onChange={setPassphrase}
				autoComplete="current-password"
				secret
				mono
			/>
			<Checkbox label={t('close.sure')} isSelected={sure} onChange={setSure} />
			<FailureBanner failure={failure} />
		</Dialog>
	);
}
