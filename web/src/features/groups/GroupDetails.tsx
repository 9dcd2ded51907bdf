import { type ReactNode, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAppStore } from '../../app/engine-context';
import { useMedia } from '../../app/use-media';
import type { Conversation, Group } from '../../engine/contract';
import { Button } from '../../ui/button/Button';
import { IconButton } from '../../ui/button/IconButton';
import { EditIcon } from '../../ui/icons';
import { Progress } from '../../ui/progress/Progress';
import { Face } from '../conversations/Face';
import { cleanLine } from '../timeline/model/clean';
import styles from './GroupDetails.module.css';
import { LeaveDialog } from './LeaveDialog';
import { AddPeople, PicturePart } from './lazy';
import { Members } from './Members';
import { createGroupModel, type GroupModel } from './model/group-model';
import { governs } from './model/rights';
import { Rename } from './Rename';
import { Rules, RulesSaid } from './Rules';

export interface GroupDetailsProps {
	conversation: Conversation;
	group: Group;
}

/** What a group is called, its rules and its people; admins change them here. `children` stand before the way out. */
export function GroupDetails({ conversation, group, children }: GroupDetailsProps & { children: ReactNode }) {
	const app = useAppStore();
	const [model] = useState(() => createGroupModel(app, conversation.conversation));
	const [adding, setAdding] = useState(false);
	const admin = governs(conversation);
	return (
		<>
			<Picture conversation={conversation} group={group} model={admin ? model : null} />
			<Name conversation={conversation} group={group} admin={admin} />
			{admin ? <Rules group={group} model={model} /> : <RulesSaid group={group} />}
			<Members
				conversation={conversation}
				model={model}
				admin={admin}
				onAdd={admin ? () => setAdding(true) : null}
			/>
			{children}
			<Leave conversation={conversation} group={group} model={model} />
			{adding && (
				<Suspense>
					<AddPeople conversation={conversation} group={group} onClose={() => setAdding(false)} />
				</Suspense>
			)}
		</>
	);
}

/** How it looks; `model`: one may change that. */
function Picture({ conversation, group, model }: GroupDetailsProps & { model: GroupModel | null }) {
	return (
		<div className={styles.picture}>
			<Face conversation={conversation} size="large" />
			{model !== null && (
				<Suspense fallback={<div className={styles.pictureActions} />}>
					<PicturePart there={group.picture !== null} model={model} />
				</Suspense>
			)}
		</div>
	);
}

/** The way out, at the end. */
function Leave({ conversation, group, model }: GroupDetailsProps & { model: GroupModel }) {
	const { t } = useTranslation('groups');
	const [asked, setAsked] = useState(false);
	// who is out has nothing to leave; where something does not verify nothing can be said any more
	if (conversation.gone || conversation.broken) return null;
	return (
		<div>
			<Button kind="danger" onPress={() => setAsked(true)}>
				{t('leave.action')}
			</Button>
			{asked && <LeaveDialog group={group} model={model} onClose={() => setAsked(false)} />}
		</div>
	);
}

/** What it is called and how many are in it; that something is being changed stands in the same line, so that nothing moves. */
function Name({ conversation, group, admin }: GroupDetailsProps & { admin: boolean }) {
	const { t } = useTranslation('groups');
	const { t: home } = useTranslation('home');
	const Title = useMedia('phone') ? 'h2' : 'h3';
	const [renaming, setRenaming] = useState(false);
	return (
		<div>
			<div className={styles.name}>
				<Title className={styles.title}>
					<bdi>{cleanLine(conversation.title)}</bdi>
				</Title>
				{admin && (
					<IconButton label={t('rename.action')} onPress={() => setRenaming(true)}>
						<EditIcon />
					</IconButton>
				)}
			</div>
			<p className={styles.muted}>
				{home('people', { count: conversation.members.length })}
				<span role="status">
					{group.changing && !group.adding && <span className={styles.changing}>{t('changing')}</span>}
				</span>
			</p>
			{group.adding && (
				<Progress
					label={t('adding', { done: group.adding.done, total: group.adding.total })}
					value={group.adding.done}
					total={group.adding.total}
				/>
			)}
			{renaming && (
				<Rename conversation={conversation} named={group.named} onClose={() => setRenaming(false)} />
			)}
		</div>
	);
}
