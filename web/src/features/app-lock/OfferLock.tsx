import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EntryLayout } from '../../app/EntryLayout';
import { useApp } from '../../app/engine-context';
import { Button } from '../../ui/button/Button';
import { LockForm } from './LockForm';

/** Offered once, after registration: an app lock for this browser. */
export function OfferLock({ onDone }: { onDone: () => void }) {
	const { t } = useTranslation('entry');
	const inMemory = useApp((state) => state.storage.kept === 'memory');
	const [asked, setAsked] = useState(false);
	if (inMemory) {
		return (
			<EntryLayout title={t('ready.title')} lead={t('ready.inMemory')}>
				<Button kind="primary" wide onPress={onDone}>
					{t('ready.toConversations')}
				</Button>
			</EntryLayout>
		);
	}
	return (
		<EntryLayout
			title={asked ? t('lock.title') : t('ready.title')}
			lead={asked ? t('lock.lead') : t('ready.lead')}
		>
			{asked ? (
				<LockForm onDone={onDone} onCancel={() => setAsked(false)} />
			) : (
				<>
					<Button kind="primary" wide onPress={onDone}>
						{t('ready.toConversations')}
					</Button>
					<Button kind="secondary" wide onPress={() => setAsked(true)}>
						{t('ready.setLock')}
					</Button>
				</>
			)}
		</EntryLayout>
	);
}
