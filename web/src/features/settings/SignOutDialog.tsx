import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApp, useAppStore } from '../../app/engine-context';
import { FailureBanner } from '../../app/FailureBanner';
import type { Failure } from '../../engine/contract';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { Dialog } from '../../ui/dialog/Dialog';

/** Asks before this device leaves the account and forgets everything. */
export function SignOutDialog({ onClose }: { onClose: () => void }) {
	const { t } = useTranslation('settings');
	const { actions } = useAppStore();
	const waiting = useApp(
		(state) =>
			state.conversations?.filter((one) => one.last?.own && one.last.state === 'waiting').length ?? 0,
	);
	const [busy, setBusy] = useState(false);
	const [failure, setFailure] = useState<Failure | null>(null);

	async function leave(): Promise<void> {
		setBusy(true);
		setFailure(null);
		const outcome = await actions.perform({ do: 'signOut' });
		setBusy(false);
		if (!outcome.ok) setFailure(outcome.failure);
	}

	return (
		<Dialog
			isOpen
			onClose={onClose}
			title={t('signOut.title')}
			actions={
				<>
					<Button onPress={onClose}>{t('signOut.stay')}</Button>
					<Button kind="danger" onPress={() => void leave()} isPending={busy}>
						{t('signOut.leave')}
					</Button>
				</>
			}
		>
			<p>{t('signOut.explain')}</p>
			{waiting > 0 && <Banner tone="warn">{t('signOut.waiting', { count: waiting })}</Banner>}
			<FailureBanner failure={failure} />
		</Dialog>
	);
}
