import { useApp, usePicture } from '../../app/engine-context';
import type { Conversation } from '../../engine/contract';
import { Avatar, type AvatarProps } from '../../ui/avatar/Avatar';
import { cleanLine } from '../timeline/model/clean';
import { otherOf } from './model/list';

export interface FaceProps {
	conversation: Conversation;
	size?: AvatarProps['size'];
}

/** What stands for a conversation: the other one, or the group by its picture. It only decorates: the name always stands beside it. */
export function Face({ conversation, size = 'medium' }: FaceProps) {
	const me = useApp((state) => state.session?.me.member ?? '');
	const picture = usePicture(conversation);
	const id = otherOf(conversation, me)?.member ?? conversation.conversation;
	return <Avatar name={cleanLine(conversation.title)} id={id} size={size} picture={picture} />;
}
