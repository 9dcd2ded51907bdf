import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Avatar } from '../../ui/avatar/Avatar';
import { Announcer } from './Announcer';
import { JumpButtons } from './JumpButtons';
import { LinkGuard } from './LinkGuard';
import type { TalkModel, TalkState } from './model/talk-model';
import { Older } from './Older';
import { Rows } from './Rows';
import styles from './Timeline.module.css';
import { TimelineSkeleton } from './TimelineSkeleton';
import { useWatching } from './use-watching';

export interface TimelineProps {
	model: TalkModel;
	/** Of the conversation, for its accessible name. */
	title: string;
	/** What the colour of its face comes from. */
	face: string;
	/** Names and faces stand beside messages. */
	faces: boolean;
	unread: number;
	/** It can be opened here: before that nobody knows whether something was said. */
	ready: boolean;
	/** Something else is in front of it: nobody can read. */
	covered: boolean;
}

/** `stuck`: there is something, and the server can't be asked for it. */
function contentOf({ rows, window }: TalkState): 'coming' | 'stuck' | 'nothing' | 'rows' {
	if (window.loading === 'start') return 'coming';
	if (rows.length > 0) return 'rows';
	if (window.olderFailed) return 'stuck';
	return window.older ? 'coming' : 'nothing';
}

/** The messages of a conversation. */
export function Timeline({ model, title, face, faces, unread, ready, covered }: TimelineProps) {
	const { t } = useTranslation('timeline');
	const jump = useStore(model, (state) => state.window.jump);
	const content = useStore(model, contentOf);
	const watching = useWatching() && !covered;
	useEffect(() => model.watching(watching), [model, watching]);

	if (content === 'coming') return <TimelineSkeleton />;
	return (
		<div className={styles.timeline}>
			<LinkGuard>
				{content === 'stuck' ? (
					<Older model={model} height="auto" />
				) : content === 'nothing' ? (
					ready && (
						<div className={styles.empty}>
							<Avatar name={title} id={face} size="large" />
							<p className={styles.emptyTitle}>{t('empty.title')}</p>
							<p>{t('empty.lead')}</p>
						</div>
					)
				) : (
					<Rows key={jump} model={model} title={title} faces={faces} />
				)}
			</LinkGuard>
			<JumpButtons model={model} unread={unread} />
			<Announcer model={model} />
		</div>
	);
}
