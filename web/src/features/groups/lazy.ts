import { later } from '../../app/later';

/** Adding people to a group: most look at one without doing so. */
export const AddPeople = later(async () => (await import('./AddPeople')).AddPeople, ['people', 'groups']);
