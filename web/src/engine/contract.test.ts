import { expect, it } from 'vitest';
import type * as contract from './contract';
import type * as generated from './generated';

/** `true` where each can stand for the other. */
type Alike<A, B> = [A, B] extends [B, A] ? true : false;

/** `true` where everything that one side says is known to the other. */
type Known<Said, Contract> = [Said] extends [Contract] ? true : false;

/** Everything else that the two sides exchange is a part of these. The contract has one more `doing`: no answer is of `lookAt`. */
const alike: {
	command: Alike<contract.Command, generated.Command>;
	doing: Known<generated.Doing, contract.Doing>;
	update: Known<generated.Update, contract.Update>;
	page: Alike<contract.Page, generated.Page>;
	options: Alike<contract.OpenOptions, generated.OpenOptions>;
	opened: Alike<contract.Opened, generated.Opened>;
	invitation: Alike<contract.InvitationInfo, generated.InvitationInfo>;
	safety: Alike<contract.SafetyCheck, generated.SafetyCheck>;
} = {
	command: true,
	doing: true,
	update: true,
	page: true,
	options: true,
	opened: true,
	invitation: true,
	safety: true,
};

it('is what the engine says: the types made from its source are those that the contract describes', () => {
	// the compiler has compared them: it does not take `true` for what differs
	expect(Object.values(alike)).not.toContain(false);
});
