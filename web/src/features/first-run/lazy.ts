import { later } from '../../app/later';

/** Invitations with their QR codes: the last step of the first run, when everything else is there. */
export const InvitePanel = later(async () => (await import('./InvitePanel')).InvitePanel, ['entry']);
