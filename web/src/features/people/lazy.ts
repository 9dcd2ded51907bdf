import { later } from '../../app/later';

/** Who is in a conversation; nobody sees it first. */
export const DetailsPane = later(
	async () => (await import('./DetailsPane')).DetailsPane,
	['people', 'groups', 'timer'],
);
