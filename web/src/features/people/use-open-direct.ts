import { useState } from 'react';
import { useAppStore } from '../../app/engine-context';
import type { Failure, Person } from '../../engine/contract';

/** Opens the conversation with one person, a new one if there is none. */
export function useOpenDirect() {
	const app = useAppStore();
	const [opening, setOpening] = useState<Person | null>(null);
	const [failure, setFailure] = useState<Failure | null>(null);

	/** The conversation; null: it failed, as `failure` says. */
	async function openDirect(person: Person): Promise<string | null> {
		setOpening(person);
		setFailure(null);
		const outcome = await app.actions.perform({ do: 'openDirect', member: person.member });
		setOpening(null);
		if (outcome.ok) return app.getState().opened;
		setFailure(outcome.failure);
		return null;
	}

	return { opening, failure, openDirect };
}
