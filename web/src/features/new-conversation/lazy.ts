import { later } from '../../app/later';

/** Finding somebody to write to; nobody sees it first. */
export const NewConversation = later(
	async () => (await import('./NewConversation')).NewConversation,
	['people'],
);
/** Making a group; nobody sees it first. */
export const NewGroup = later(async () => (await import('./NewGroup')).NewGroup, ['people', 'groups']);
