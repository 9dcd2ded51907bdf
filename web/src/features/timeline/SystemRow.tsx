import type { TFunction } from 'i18next';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { type Format, useFormat } from '../../app/format';
import type { Item } from '../../engine/contract';
import { AlertIcon, RefreshIcon } from '../../ui/icons';
import { isolate } from './model/clean';
import styles from './SystemRow.module.css';

/** What happened in a conversation, in words. */
export function systemText(t: TFunction<'timeline'>, format: Format, item: Item): string[] {
	const name = isolate(item.senderName);
	const { body } = item;
	switch (body.is) {
		case 'created':
			return [item.own ? t('system.createdOwn') : t('system.created', { name })];
		case 'members': {
			const list = (names: string[]) => format.list(names.map(isolate));
			const told: string[] = [];
			if (body.added.length > 0) {
				const names = list(body.added);
				told.push(item.own ? t('system.addedOwn', { names }) : t('system.added', { name, names }));
			}
			if (body.removed.length > 0) {
				const names = list(body.removed);
				told.push(item.own ? t('system.removedOwn', { names }) : t('system.removed', { name, names }));
			}
			return told;
		}
		case 'removedByServer':
			return [t('system.removedByServer')];
		case 'unverified':
			return [t('system.unverified')];
		default:
			return [t('system.newer')];
	}
}

/** Something that happened between the messages. */
export const SystemRow = memo(function SystemRow({ item, stop }: { item: Item; stop: boolean }) {
	const { t } = useTranslation('timeline');
	const format = useFormat();
	const lines = systemText(t, format, item);
	const alarming = item.body.is === 'removedByServer' || item.body.is === 'unverified';
	const newer = !['created', 'members', 'removedByServer', 'unverified'].includes(item.body.is);
	return (
		<article
			aria-label={lines.join(' ')}
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
