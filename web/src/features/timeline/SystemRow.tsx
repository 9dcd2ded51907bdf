import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../app/format';
import type { Item } from '../../engine/contract';
import { AlertIcon, RefreshIcon } from '../../ui/icons';
import styles from './SystemRow.module.css';
import { systemText } from './system-text';

/** Something that happened between the messages. */
export const SystemRow = memo(function SystemRow({ item, stop }: { item: Item; stop: boolean }) {
	const { t } = useTranslation('timeline');
	const format = useFormat();
	const lines = systemText(t, format, item);
	const alarming = item.body.is === 'removedByServer' || item.body.is === 'unverified';
	const newer = item.body.is === 'newer';
	return (
		<article
			aria-label={lines.join('. ')}
			data-key={item.key}
			tabIndex={stop ? 0 : -1}
			className={`${styles.row} ${alarming ? styles.alarming : ''}`}
		>
			<div className={styles.words}>
				{alarming && <AlertIcon />}
				{newer && <RefreshIcon />}
				<span>
					{lines.map((line) => (
						<bdi key={line} className={styles.line}>
							{line}
						</bdi>
					))}
				</span>
			</div>
		</article>
	);
});
