import { lazy } from 'react';

/** Loaded when it is needed: few lock the app. */
export const Locked = lazy(async () => ({ default: (await import('./Locked')).Locked }));
