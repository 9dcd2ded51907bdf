import { type RefObject, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useApp, useEngine } from '../../app/engine-context';
import { usePageTitle } from '../../app/title';
import type { Conversation } from '../../engine/contract';
import { Composer } from '../composer/Composer';
import { cleanLine } from '../timeline/model/clean';
import { createTalkModel } from '../timeline/model/talk-model';
import { Timeline } from '../timeline/Timeline';
import { otherOf } from './model/list';
import { TalkHeader } from './TalkHeader';
import styles from './TalkPane.module.css';

export interface TalkPaneProps {
	conversation: Conversation;
	composerRef: RefObject<HTMLTextAreaElement | null>;
	/** The details stand in front of it. */
	covered: boolean;
	/** The details are open. */
	details: boolean;
}

/** One conversation: who it is with, what was said, and where one writes. */
export function TalkPane({ conversation, composerRef, covered, details }: TalkPaneProps) {
	const engine = useEngine();
	const me = useApp((state) => state.session?.me.member ?? '');
	const [model] = useState(() => createTalkModel(engine, conversation));
	useEffect(() => model.start(), [model]);
	useEffect(() => model.conversationChanged(conversation), [model, conversation]);
	const returned = useStore(model, (state) => state.returned !== null);
	const title = cleanLine(conversation.title);
	const other = otherOf(conversation, me);
	usePageTitle(title);
	return (
		<section className={styles.pane} aria-label={title}>
			<TalkHeader conversation={conversation} title={title} other={other} details={details} />
			<Timeline
				model={model}
				title={title}
				face={other?.member ?? conversation.conversation}
				faces={!conversation.direct}
				unread={conversation.unread}
				ready={conversation.ready}
				covered={covered}
			/>
			<Composer
				conversation={conversation}
				title={title}
				onSend={(text) => model.send(text)}
				returned={returned}
				takeReturned={model.takeReturned}
				fieldRef={composerRef}
			/>
		</section>
	);
}
