/** What a change of a conversation's members and rules comes down to. */

import type { GroupRole, ItemBody } from '../../../engine/contract';

/** One thing that happened: said in one sentence. */
export type Fact =
	| { is: 'added'; names: readonly string[] }
	| { is: 'removed'; names: readonly string[] }
	| { is: 'role'; role: GroupRole; names: readonly string[] }
	| { is: 'successor'; names: readonly string[] }
	| { is: 'announcements'; on: boolean }
	| { is: 'historyAll'; on: boolean }
	| { is: 'timer'; seconds: number }
	| { is: 'restored'; names: readonly string[] };

const roles: readonly GroupRole[] = ['owner', 'admin', 'member', 'readOnly'];

/** What this change did, in the order in which it is said; empty: nothing that people see. */
export function factsOf(body: Extract<ItemBody, { is: 'members' }>): Fact[] {
	const { added, removed, announcements, historyAll } = body;
	const facts: Fact[] = [];
	if (added.length > 0) facts.push({ is: 'added', names: added });
	if (removed.length > 0) facts.push({ is: 'removed', names: removed });
	// the last admin left: whoever took them out of the tree has done nothing by that
	if (body.left) return [...facts, { is: 'successor', names: body.roles.map((one) => one.name) }];
	for (const role of roles) {
		const names = body.roles.filter((one) => one.role === role).map((one) => one.name);
		if (names.length > 0) facts.push({ is: 'role', role, names });
	}
	if (announcements !== null) facts.push({ is: 'announcements', on: announcements });
	if (historyAll !== null) facts.push({ is: 'historyAll', on: historyAll });
	if (body.timer !== null) facts.push({ is: 'timer', seconds: body.timer });
	if (body.restored.length > 0) facts.push({ is: 'restored', names: body.restored });
	return facts;
}
