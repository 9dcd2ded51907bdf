/** What Enter does, and what stands in the way of writing. */

import type { Conversation, Person } from '../../../engine/contract';

/** A key stroke in the text field. */
export interface ComposerStroke {
	key: string;
	shiftKey: boolean;
	ctrlKey: boolean;
	metaKey: boolean;
	altKey: boolean;
	/** An input method is composing: Enter takes its suggestion. */
	isComposing: boolean;
	/** 229 where browsers don't say that they are composing. */
	keyCode: number;
}

/** Whether this stroke sends. `enterSends` as the settings say; Ctrl (⌘) with Enter always sends. */
export function sends(stroke: ComposerStroke, enterSends: boolean): boolean {
	if (stroke.key !== 'Enter' || stroke.isComposing || stroke.keyCode === 229) return false;
	if (stroke.shiftKey || stroke.altKey) return false;
	return enterSends || stroke.ctrlKey || stroke.metaKey;
}

/** Why nothing can be written. */
export type Blocked =
	| { is: 'gone' }
	| { is: 'left' }
	/** The other one's account was closed. */
	| { is: 'closed' }
	| { is: 'broken' }
	/** It needs a newer app. */
	| { is: 'outdated' }
	/** People whose identity changed and was not accepted. */
	| { is: 'identity'; people: Person[] }
	| { is: 'notReady' }
	/** What opens it is lost, and comes when somebody else is online. */
	| { is: 'restoring' }
	/** A group in which only admins write, and one is none; or one reads in it and does not write. */
	| { is: 'announcements' }
	| { is: 'reading' };

/** null: nothing stands in the way; a server that takes nothing now does not, as what is written waits here. */
export function blockedBy(conversation: Conversation): Blocked | null {
	if (conversation.gone) return { is: conversation.left ? 'left' : 'gone' };
	if (conversation.closed) return { is: 'closed' };
	// first: what fails for want of a changed identity is tried again once that is accepted
	const people = conversation.members.filter((person) => person.identityChanged);
	if (people.length > 0) return { is: 'identity', people };
	if (conversation.broken) return { is: conversation.outdated ? 'outdated' : 'broken' };
	if (conversation.restoring) return { is: 'restoring' };
	if (!conversation.ready) return { is: 'notReady' };
	const { group } = conversation;
	if (group === null || group.mayWrite) return null;
	return group.role === 'readOnly' ? { is: 'reading' } : { is: 'announcements' };
}
