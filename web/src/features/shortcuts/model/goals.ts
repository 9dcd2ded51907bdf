/** Where one can go by typing a name. */

import type { Conversation, Id, Person } from '../../../engine/contract';
import { fold, matches, otherOf } from '../../conversations/model/list';
import { cleanLine } from '../../timeline/model/clean';

export type ScreenName = 'new' | 'settings' | 'invite' | 'help';

export type Goal = { id: string; name: string } & (
	| { is: 'conversation'; conversation: Id; face: string }
	| { is: 'person'; person: Person; face: string }
	| { is: 'screen'; screen: ScreenName }
);

export interface GoalGroup {
	id: 'conversations' | 'people' | 'screens';
	goals: Goal[];
}

export interface Sources {
	query: string;
	conversations: readonly Conversation[];
	/** Found by the server for this query, or for one before it. */
	people: readonly Person[];
	screens: readonly { screen: ScreenName; name: string }[];
	me: Id;
}

const most = 8;

/** What fits the query, in groups; empty groups are left out. */
export function goals({ query, conversations, people, screens, me }: Sources): GoalGroup[] {
	const talks = conversations
		.filter((one) => matches([one.title, ...one.members.map((person) => person.displayName)], query))
		.slice(0, most)
		.map((one): Goal => {
			const face = otherOf(one, me)?.member ?? one.conversation;
			const name = cleanLine(one.title);
			return { id: `c ${one.conversation}`, is: 'conversation', name, conversation: one.conversation, face };
		});
	// whoever one talks to already is above
	const known = new Set([me, ...conversations.flatMap((one) => otherOf(one, me)?.member ?? [])]);
	const strangers = people
		.filter((person) => fold(query) !== '' && !known.has(person.member))
		.filter((person) => matches([person.displayName, person.loginName], query))
		.slice(0, most)
		.map((person): Goal => {
			const name = cleanLine(person.displayName);
			return { id: `p ${person.member}`, is: 'person', name, person, face: person.member };
		});
	const places = screens
		.filter(({ name }) => matches([name], query))
		.map(({ screen, name }): Goal => ({ id: `s ${screen}`, is: 'screen', name, screen }));
	const groups: GoalGroup[] = [
		{ id: 'conversations', goals: talks },
		{ id: 'people', goals: strangers },
		{ id: 'screens', goals: places },
	];
	return groups.filter((group) => group.goals.length > 0);
}
