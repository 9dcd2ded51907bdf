import type { Command, Doing, Update } from '../engine/contract';
import type { TabId } from '../engine/protocol';

/** Updates that answer a command, by what they are. */
const ANSWERS: Partial<Record<Update['is'], Command['do']>> = {
	people: 'findPeople',
	invitation: 'invite',
	opened: 'openDirect',
	devices: 'listDevices',
};

/** Remembers which tab asked for what, so that an answer goes there and not to all. */
export class Routing {
	readonly #askers = new Map<Doing, TabId>();

	asked(by: TabId, command: Command): void {
		this.#askers.set(command.do, by);
	}

	/** The tab that an update is for; null: all of them. */
	of(update: Update): TabId | null {
		const doing = 'doing' in update ? update.doing : ANSWERS[update.is];
		return (doing && this.#askers.get(doing)) ?? null;
	}
}
