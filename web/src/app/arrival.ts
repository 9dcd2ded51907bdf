/** Secrets that came in the fragment of the address: an invitation, a set-up code, or a reset link. */
export interface Arrival {
	/** The whole link of an invitation. */
	invitation: string | null;
	/** The set-up code of a new server. */
	code: string | null;
	/** The whole link by which somebody begins anew. */
	reset: string | null;
}

const NOTHING: Arrival = { invitation: null, code: null, reset: null };

/**
 * Takes the secret out of the address. It was never sent to the server (fragments are not), and after this it is in neither the
 * address bar nor the history.
 */
export function takeArrival(
	location: Pick<Location, 'href' | 'pathname' | 'search' | 'hash'>,
	history: Pick<History, 'replaceState' | 'state'>,
): Arrival {
	const secret = location.hash.slice(1);
	if (!secret || !['/i', '/r', '/start'].includes(location.pathname)) return NOTHING;
	const { href } = location;
	history.replaceState(history.state, '', location.pathname + location.search);
	if (location.pathname === '/i') return { ...NOTHING, invitation: href };
	if (location.pathname === '/r') return { ...NOTHING, reset: href };
	return { ...NOTHING, code: decoded(secret) };
}

/** The fragment as it was meant; as it stands where it is garbled. */
function decoded(fragment: string): string {
	try {
		return decodeURIComponent(fragment);
	} catch {
		return fragment;
	}
}
