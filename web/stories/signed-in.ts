import type { State } from '../src/engine/contract';
import type { Script } from '../src/test/scripted-engine';
import { aConversation, aSession } from '../src/test/scripted-engine';

/** Somebody is signed in, and talks with one person. */
export function signedIn(change: Partial<State> = {}, script: Script = {}): { script: Script } {
	return {
		script: { ...script, state: { session: aSession(), conversations: [aConversation()], ...change } },
	};
}
