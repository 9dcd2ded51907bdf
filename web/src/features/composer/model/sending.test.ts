import { describe, expect, it } from 'vitest';
import type { GroupRole } from '../../../engine/contract';
import { aConversation, aGroupOf, aPerson } from '../../../test/scripted-engine';
import { blockedBy, type ComposerStroke, sends } from './sending';

const enter = (held: Partial<ComposerStroke> = {}): ComposerStroke => ({
	key: 'Enter',
	shiftKey: false,
	ctrlKey: false,
	metaKey: false,
	altKey: false,
	isComposing: false,
	keyCode: 13,
	...held,
});

describe('Enter', () => {
	it('sends, or with Ctrl where that was chosen', () => {
		expect(sends(enter(), true)).toBe(true);
		expect(sends(enter(), false)).toBe(false);
		expect(sends(enter({ ctrlKey: true }), false)).toBe(true);
		expect(sends(enter({ metaKey: true }), false)).toBe(true);
		expect(sends(enter({ ctrlKey: true }), true)).toBe(true);
	});

	it('with Shift begins a new line', () => {
		expect(sends(enter({ shiftKey: true }), true)).toBe(false);
		expect(sends(enter({ shiftKey: true, ctrlKey: true }), false)).toBe(false);
	});

	it('belongs to the input method while it composes', () => {
		expect(sends(enter({ isComposing: true }), true)).toBe(false);
		expect(sends(enter({ keyCode: 229 }), true)).toBe(false);
	});
});

describe('what stands in the way', () => {
	it('is told in the order of what matters most', () => {
		const changed = aPerson({ member: 'x', identityChanged: true });
		expect(blockedBy(aConversation())).toBeNull();
		expect(blockedBy(aConversation({ ready: false }))).toEqual({ is: 'notReady' });
		expect(blockedBy(aConversation({ ready: false, members: [changed] }))).toEqual({
			is: 'identity',
			people: [changed],
		});
		// for want of the identity, perhaps: it is tried again once that is accepted
		expect(blockedBy(aConversation({ broken: true, members: [changed] }))).toEqual({
			is: 'identity',
			people: [changed],
		});
		expect(blockedBy(aConversation({ broken: true }))).toEqual({ is: 'broken' });
		expect(blockedBy(aConversation({ broken: true, outdated: true }))).toEqual({ is: 'outdated' });
		const restoring = { ready: false, restoring: true, members: [] };
		expect(blockedBy(aConversation(restoring))).toEqual({ is: 'restoring' });
		expect(blockedBy(aConversation({ broken: true, gone: true }))).toEqual({ is: 'gone' });
		expect(blockedBy(aConversation({ gone: true, left: true }))).toEqual({ is: 'left' });
	});

	it('is a group whose rules or whose role for oneself do not let one write', () => {
		const group = (role: GroupRole, mayWrite: boolean, announcements = false) =>
			aGroupOf([[aPerson(), role]], {}, { mayWrite, announcements });
		expect(blockedBy(group('member', true))).toBeNull();
		expect(blockedBy(group('admin', true, true))).toBeNull();
		expect(blockedBy(group('member', false, true))).toEqual({ is: 'announcements' });
		expect(blockedBy(group('readOnly', false, true))).toEqual({ is: 'reading' });
		expect(blockedBy({ ...group('readOnly', false), gone: true })).toEqual({ is: 'gone' });
	});
});
