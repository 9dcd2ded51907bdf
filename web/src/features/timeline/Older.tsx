import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Button } from '../../ui/button/Button';
import { Skeleton } from '../../ui/skeleton/Skeleton';
import type { TalkModel } from './model/talk-model';
import styles from './Older.module.css';

/** What stands above the first row: what comes before it, or that nothing does. */
export function Older({ model, height }: { model: TalkModel; height: number | 'auto' }) {
	const { t } = useTranslation('timeline');
	const older = useStore(model, (state) => state.window.older);
	const failed = useStore(model, (state) => state.window.olderFailed);
	return (
		<div className={styles.older} style={{ height }}>
			{failed ? (
				<>
					<span>{t('olderOffline')}</span>
					<Button kind="quiet" onPress={() => model.retryOlder()}>
						{t('olderRetry')}
					</Button>
				</>
			) : older ? (
				<>
					<span className="visually-hidden">{t('loadingOlder')}</span>
					<Skeleton width="40%" height="2.25rem" />
				</>
			) : (
				<span>{t('beginning')}</span>
			)}
		</div>
	);
}
