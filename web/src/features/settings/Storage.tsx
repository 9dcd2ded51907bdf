import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApp } from '../../app/engine-context';
import { useFormat } from '../../app/format';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { Section } from '../../ui/page/Page';
import { SectionPage } from './SectionPage';
import styles from './Settings.module.css';

/** What is kept in this browser, where, and whether it stays. */
export function Storage() {
	const { t } = useTranslation('settings');
	const format = useFormat();
	const storage = useApp((state) => state.storage);
	const following = useApp((state) => state.health?.is === 'following');
	const { usage, quota } = useEstimate();
	const [granted, setGranted] = useState<boolean | null>(null);
	const persistent = storage.persistent || granted === true;
	const inMemory = storage.kept === 'memory';

	return (
		<SectionPage title={t('nav.storage')} lead={t('storage.lead')}>
			<Section>
				<dl className={styles.facts}>
					<dt>{t('storage.where')}</dt>
					<dd>{t(inMemory ? 'storage.memory' : 'storage.disk')}</dd>
					{usage !== null && quota !== null && (
						<>
							<dt>{t('storage.used')}</dt>
							<dd>{t('storage.usedOf', { used: format.bytes(usage), quota: format.bytes(quota) })}</dd>
						</>
					)}
					{!inMemory && (
						<>
							<dt>{t('storage.stays')}</dt>
							<dd>{t(persistent ? 'storage.persistent' : 'storage.evictable')}</dd>
						</>
					)}
					<dt>{t('storage.tabs')}</dt>
					<dd>{t(following ? 'storage.following' : 'storage.leading')}</dd>
				</dl>
			</Section>
			{inMemory && (
				<Banner>{t(storage.why === 'public' ? 'storage.whyPublic' : 'storage.whyUnsupported')}</Banner>
			)}
			{!inMemory && !persistent && (
				<Section title={t('storage.evictTitle')} lead={t('storage.evict')}>
					{granted === false && <Banner tone="warn">{t('storage.refused')}</Banner>}
					<div>
						<Button onPress={() => void askToKeep().then(setGranted)}>{t('storage.ask')}</Button>
					</div>
				</Section>
			)}
		</SectionPage>
	);
}

/** What the browser says of the space; null where it says nothing. */
function useEstimate(): { usage: number | null; quota: number | null } {
	const [estimate, setEstimate] = useState<{ usage: number | null; quota: number | null }>({
		usage: null,
		quota: null,
	});
	useEffect(() => {
		let current = true;
		void navigator.storage?.estimate?.().then(({ usage, quota }) => {
			if (current) setEstimate({ usage: usage ?? null, quota: quota ?? null });
		});
		return () => {
			current = false;
		};
	}, []);
	return estimate;
}

/** Whether the browser promises to keep it; one that refuses to be asked does not. */
async function askToKeep(): Promise<boolean> {
	try {
		return await navigator.storage.persist();
	} catch {
		return false;
	}
}
