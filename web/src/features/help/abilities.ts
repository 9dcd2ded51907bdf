import type { StorageState } from '../../engine/contract';
import { lacking, type Scope } from '../../engine/needs';

/** What browsers differ in, in the order in which it matters to people. */
export const ABILITIES = ['runs', 'keeps', 'stays', 'offline', 'camera', 'guard'] as const;
export type Ability = (typeof ABILITIES)[number];

/** What this looks at: a window, or less. */
export interface Browser extends Scope {
	trustedTypes?: unknown;
	caches?: unknown;
	navigator?: {
		locks?: unknown;
		storage?: { getDirectory?: unknown };
		serviceWorker?: unknown;
		mediaDevices?: { getUserMedia?: unknown };
	};
}

/** What this browser can do. Whether it keeps anything is known to the engine, which has tried it; private windows only say so then. */
export function abilitiesOf(browser: Browser, storage: StorageState | null): Record<Ability, boolean> {
	const { navigator } = browser;
	const keeps = navigator?.storage?.getDirectory !== undefined && storage?.why !== 'unsupported';
	return {
		runs: lacking(browser).length === 0,
		keeps,
		stays: keeps && storage?.persistent === true,
		offline: navigator?.serviceWorker !== undefined && browser.caches !== undefined,
		camera: navigator?.mediaDevices?.getUserMedia !== undefined,
		guard: browser.trustedTypes !== undefined,
	};
}
