import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EntryLayout } from '../../app/EntryLayout';
import { useApp } from '../../app/engine-context';
import { Button } from '../../ui/button/Button';
import { LockForm } from './LockForm';

export interface OfferLockProps {
	onDone: () => void;
	/** What the last step is about, where that is more than being in. */
	step?: { above: ReactNode; title: string; lead: string; children: ReactNode };
}

/** The last step before the conversations, which offers once an app lock for this browser; not where nothing is kept in it. */
export function OfferLock({ onDone, step }: OfferLockProps) {
	const { t } = useTranslation('entry');
	const inMemory = useApp((state) => state.storage.kept === 'memory');
	const [asked, setAsked] = useState(false);
	if (asked && !inMemory) {
		return (
			<EntryLayout title={t('lock.title')} lead={t('lock.lead')}>
				<LockForm onDone={onDone} onCancel={() => setAsked(false)} />
			</EntryLayout>
		);
	}
	return (
		<EntryLayout
			above={step?.above}
			title={step?.title ?? t('ready.title')}
			lead={step?.lead ?? t(inMemory ? 'ready.inMemory' : 'ready.lead')}
		>
			{step?.children}
			<Button kind="primary" wide onPress={onDone}>
				{t('ready.toConversations')}
			</Button>
			{!inMemory && (
				<Button kind="secondary" wide onPress={() => setAsked(true)}>
					{t('ready.setLock')}
				</Button>
			)}
		</EntryLayout>
	);
}
