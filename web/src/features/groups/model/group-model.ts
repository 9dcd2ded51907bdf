/** What is being changed in a group, and what did not work. */

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AppStore, Outcome } from '../../../app/store';
import type { Command, Conversation, Failure, GroupRole, Id } from '../../../engine/contract';

/** The two rules of a group. */
export type Rule = 'announcements' | 'historyAll';

/** What a change is about: a rule, the picture, somebody by their id, one's own leaving. */
export type About = Rule | 'picture' | 'leaving' | Id;

export interface GroupState {
	/** What is being changed: rules, and people by their ids. */
	pending: ReadonlySet<About>;
	/** What went wrong last, and with whom or what. */
	failed: { about: About; failure: Failure } | null;
}

export interface GroupModel extends StoreApi<GroupState> {
	setRule(rule: Rule, on: boolean): Promise<Outcome>;
	/** A JPEG; null: none any more. */
	setPicture(jpeg: Uint8Array | null): Promise<Outcome>;
	setRole(member: Id, role: GroupRole): Promise<Outcome>;
	remove(member: Id): Promise<Outcome>;
	leave(): Promise<Outcome>;
	/** Nobody needs to hear of the failure any more. */
	forget(): void;
}

/** Changes one group: one thing after the other, as the answers of the engine don't say which of two they are for. */
export function createGroupModel(
	app: Pick<AppStore, 'getState'> & { actions: Pick<AppStore['actions'], 'perform'> },
	id: Id,
): GroupModel {
	const store = createStore<GroupState>(() => ({ pending: new Set(), failed: null }));
	let queue: Promise<unknown> = Promise.resolve();

	/** The command is made when its turn comes, of how the group is then. */
	function change(about: About, command: () => Command): Promise<Outcome> {
		const { pending } = store.getState();
		store.setState({ pending: new Set([...pending, about]), failed: null });
		const outcome = queue.then(async () => {
			const ended = await app.actions.perform(command());
			const left = new Set(store.getState().pending);
			left.delete(about);
			store.setState({
				pending: left,
				...(ended.ok ? {} : { failed: { about, failure: ended.failure } }),
			});
			return ended;
		});
		queue = outcome;
		return outcome;
	}

	function groupNow(): Conversation['group'] {
		return app.getState().conversations?.find((one) => one.conversation === id)?.group ?? null;
	}

	return Object.assign(store, {
		setRule: (rule: Rule, on: boolean) =>
			change(rule, () => {
				const group = groupNow();
				return {
					do: 'setRules',
					conversation: id,
					announcements: group?.announcements ?? false,
					historyAll: group?.historyAll ?? false,
					[rule]: on,
				};
			}),
		setPicture: (jpeg: Uint8Array | null) =>
			change('picture', () => ({
				do: 'setPicture',
				conversation: id,
				jpeg: jpeg ?? new Uint8Array(),
			})),
		setRole: (member: Id, role: GroupRole) =>
			change(member, () => ({ do: 'setRole', conversation: id, member, role })),
		remove: (member: Id) => change(member, () => ({ do: 'removeMember', conversation: id, member })),
		leave: () => change('leaving', () => ({ do: 'leaveGroup', conversation: id })),
		forget: () => store.setState({ failed: null }),
	});
}
