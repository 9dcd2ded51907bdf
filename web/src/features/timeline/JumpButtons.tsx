import { Button } from 'react-aria-components/Button';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { DownIcon } from '../../ui/icons';
import styles from './JumpButtons.module.css';
import type { TalkModel } from './model/talk-model';

/** Ways to what is new: to the end, and to the first message that was not read. */
export function JumpButtons({ model, unread }: { model: TalkModel; unread: number }) {
	const { t } = useTranslation('timeline');
	const away = useStore(model, ({ atEnd, window, rows }) => rows.length > 0 && (window.newer || !atEnd));
	const unseen = useStore(model, (state) => !state.newSeen && state.newAfter !== null);
	return (
		<div className={styles.buttons}>
			{unseen && (
				<Button className={styles.first ?? ''} onPress={() => model.jumpToNew()} aria-label={t('jumpToNew')}>
					<DownIcon className={styles.up} />
					<span aria-hidden="true">{t('firstUnread')}</span>
				</Button>
			)}
			{away && (
				<Button
					className={styles.latest ?? ''}
					onPress={() => model.jumpToLatest()}
					aria-label={unread > 0 ? t('jumpToLatestNew', { count: unread }) : t('jumpToLatest')}
				>
					{unread > 0 && (
						<span className={styles.count} aria-hidden="true">
							{unread > 999 ? '999+' : unread}
						</span>
					)}
					<DownIcon />
				</Button>
			)}
		</div>
	);
}
