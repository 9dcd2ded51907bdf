import { describe, expect, it } from 'vitest';
import type { Item, State, Update } from '../engine/contract';
import { aChange, aConversation, anInviter, aPerson, aSession, aState } from '../test/scripted-engine';
import { cleanItem } from './names';
import { INITIAL, partsOf, reduce } from './state';

/** Turns what follows around, goes over the line above, and goes on in another line. */
const BAD = `\u202egnp\u0007${'\u0301'.repeat(20)}\n\u2028next`;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to go
const CANNOT_STAY = /[\u202a-\u202e\u2066-\u2069\u2028\u2029\u0007\n]|\u0301{9}/u;

const person = aPerson({ loginName: BAD, displayName: BAD });
const session = aSession({ me: person, organisation: BAD });
const conversation = aConversation({ title: BAD, members: [person], draft: '' });
const notice = { device: 'd', name: BAD, time: 1 };
const device = { device: 'd', name: BAD, created: 1, lastSeen: 1, current: false };
const server: State['server'] = { organisation: BAD, setUpNeeded: false, unaudited: true, version: '1' };

const clean = (parts: object) =>
	expect(JSON.stringify(parts, (_, value) => (CANNOT_STAY.test(value) ? `BAD ${value}` : value))).not.toMatch(
		/BAD/,
	);

describe('names are fit to be shown', () => {
	it('in what the engine begins with', () => {
		clean(partsOf(aState({ session, server, conversations: [conversation], notices: [notice] })));
	});

	it.each<Exclude<Update, { is: 'failed' }>>([
		{ is: 'signedIn', session },
		{ is: 'conversations', conversations: [conversation] },
		{ is: 'people', people: [person] },
		{ is: 'invitedBy', inviter: anInviter({ loginName: BAD, displayName: BAD, organisation: BAD }) },
		{ is: 'notices', signIns: [notice] },
		{ is: 'devices', devices: [device] },
	])('in what it tells: $is', (update) => {
		clean(reduce(INITIAL, update));
	});

	it.each<Item['body']>([
		{ is: 'title', title: BAD },
		aChange({ added: [BAD], removed: [BAD], roles: [{ name: BAD, role: 'admin' }] }),
	])('in what happens: $is', (body) => {
		const sent = {
			key: 'k',
			seq: 1,
			sender: 'a',
			senderName: 'A',
			own: false,
			time: 1,
			serverTime: 1,
			expires: 0,
		};
		clean(cleanItem({ ...sent, body, state: null }));
	});
});
