import { later } from '../../app/later';

/** Choosing the picture of a group: only admins do. */
export const PicturePart = later(async () => (await import('./PicturePart')).PicturePart, ['groups']);

/** Adding people to a group: most look at one without doing so. */
export const AddPeople = later(async () => (await import('./AddPeople')).AddPeople, ['people', 'groups']);
