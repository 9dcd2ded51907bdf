/** Secrets that came in the fragment of the address: an invitation, or a set-up code. */
export interface Arrival {
	/** The whole link of an invitation. */
	invitation: string | null;
	/** The set-up code of a new server. */
	code: string | null;
}

const NOTHING: Arrival = { invitation: null, code: null };

/**
 * Takes the secret out of the address. It was never sent to the server (fragments are not), and after this it is in neither the
 * address bar nor the history.
 */
export function takeArrival(
	location: Pick<Location, 'href' | 'pathname' | 'search' | 'hash'>,
	history: Pick<History, 'replaceState' | 'state'>,
): Arrival {
	const secret = location.hash.slice(1);
	if (!secret || (location.pathname !== '/i' && location.pathname !== '/start')) return NOTHING;
	const { href } = location;
	history.replaceState(history.state, '', location.pathname + location.search);
	if (location.pathname === '/i') return { invitation: href, code: null };
	return { invitation: null, code: decoded(secret) };
}

/** The fragment as it was meant; as it stands where it is garbled. */
function decoded(fragment: string): string {
	try {
		return decodeURIComponent(fragment);
	} catch {
		return fragment;
	}
}
