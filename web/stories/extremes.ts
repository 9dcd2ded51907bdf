import type { Person } from '../src/engine/contract';
import { aConversation, aPerson } from '../src/test/scripted-engine';

/** As long as names may be; the first has no place to break. */
export const longNames = [
	aPerson({ member: 'e1'.repeat(16), loginName: 'w'.repeat(32), displayName: 'W'.repeat(64) }),
	aPerson({
		member: 'e2'.repeat(16),
		loginName: 'abd.al.rahman.ibn.abd.al.aziz.sa',
		displayName: 'عبد الرحمن بن عبد العزيز بن محمد بن عبد الله آل سعود القحطاني',
		identityChanged: true,
	}),
	aPerson({
		member: 'e3'.repeat(16),
		loginName: 'guillaume',
		displayName: 'Guillaume-Emmanuel de Montgolfier-Sainte-Croix du Plessis-Bellière',
		verified: true,
	}),
];
/** More conversations than anybody has. */
export const hundredsOf = (me: Person, now: number) =>
	Array.from({ length: 500 }, (_, n) => {
		const member = n.toString(16).padStart(32, '0');
		const person = aPerson({ member, loginName: `person${n}`, displayName: `Person ${n + 1}` });
		return aConversation({
			conversation: member,
			title: person.displayName,
			members: [me, person],
			unread: n % 7 === 0 ? n % 90 : 0,
			last: {
				time: now - n * 3_600_000,
				text: `What was said last in number ${n + 1}`,
				own: false,
				state: null,
			},
		});
	});
