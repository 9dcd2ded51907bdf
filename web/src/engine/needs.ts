/** What the engine can't do without. Everything else that a browser may lack only makes the app do less. */
export type Need = 'secure' | 'wasm' | 'workers' | 'locks' | 'channels';

/** What this looks at: a window, or less. */
export interface Scope {
	isSecureContext?: boolean;
	WebAssembly?: unknown;
	Worker?: unknown;
	BroadcastChannel?: unknown;
	navigator?: { locks?: unknown };
}

/** What this browser lacks of it, in the order in which it is told. */
export function lacking(scope: Scope = globalThis): Need[] {
	// browsers keep back half of the rest from pages that anybody could have changed on their way: that is not what they lack
	if (!scope.isSecureContext) return ['secure'];
	const has: Record<Exclude<Need, 'secure'>, boolean> = {
		// off in the lockdown mode of Apple's systems
		wasm: typeof scope.WebAssembly === 'object',
		workers: typeof scope.Worker === 'function',
		locks: scope.navigator?.locks !== undefined,
		channels: typeof scope.BroadcastChannel === 'function',
	};
	return (Object.keys(has) as (keyof typeof has)[]).filter((need) => !has[need]);
}
