import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApp, useAppStore } from '../../app/engine-context';
import { FailureBanner } from '../../app/FailureBanner';
import { asFailure } from '../../app/store';
import type { Failure } from '../../engine/contract';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { ConfirmButton } from '../../ui/confirm/ConfirmButton';
import { LockIcon } from '../../ui/icons';
import { toast } from '../../ui/toast/toasts';
import { LockForm } from '../app-lock/LockForm';
import { SectionPage } from './SectionPage';

/** The app lock of this browser. */
export function Lock() {
	const { t } = useTranslation('settings');
	const storage = useApp((state) => state.storage);
	const [changing, setChanging] = useState(false);
	return (
		<SectionPage title={t('nav.lock')} lead={t('lock.lead')}>
			{storage.kept === 'memory' ? (
				<Banner>{t('lock.inMemory')}</Banner>
			) : changing ? (
				<LockForm
					onDone={() => {
						setChanging(false);
						toast(t('lock.isSet'));
					}}
					onCancel={() => setChanging(false)}
				/>
			) : storage.appLock ? (
				<Locked onChange={() => setChanging(true)} />
			) : (
				<>
					<p>{t('lock.off')}</p>
					<div>
						<Button kind="primary" onPress={() => setChanging(true)}>
							{t('lock.set')}
						</Button>
					</div>
				</>
			)}
		</SectionPage>
	);
}

function Locked({ onChange }: { onChange: () => void }) {
	const { t } = useTranslation('settings');
	const { actions } = useAppStore();
	const [failure, setFailure] = useState<Failure | null>(null);
	return (
		<>
			<Banner tone="good" icon={<LockIcon />}>
				{t('lock.on')}
			</Banner>
			<FailureBanner failure={failure} />
			<div style={{ display: 'flex', flexWrap: 'wrap', gap: 'var(--space-2)' }}>
				<Button onPress={onChange}>{t('lock.change')}</Button>
				<ConfirmButton
					label={t('lock.remove')}
					question={t('lock.removeQuestion')}
					onConfirm={() => {
						actions.setAppLock(null).catch((error) => setFailure(asFailure(error)));
					}}
				/>
			</div>
		</>
	);
}
