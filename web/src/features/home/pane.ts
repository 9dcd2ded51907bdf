/** What the address shows. */
export type Pane =
	| { is: 'list' }
	| { is: 'new' }
	/** `naming`: who is in it is chosen. */
	| { is: 'newGroup'; naming: boolean }
	| { is: 'talk'; conversation: string }
	| { is: 'details'; conversation: string };

/** The pane that an address is about. */
export function paneOf(path: string): Pane {
	if (path === '/new') return { is: 'new' };
	if (path === '/new/group' || path === '/new/group/name')
		return { is: 'newGroup', naming: path.endsWith('/name') };
	const [, c, conversation, details] = path.split('/');
	if (c !== 'c' || !conversation) return { is: 'list' };
	return { is: details === 'details' ? 'details' : 'talk', conversation: decodeURIComponent(conversation) };
}
