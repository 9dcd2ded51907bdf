interface Policies {
	createPolicy(
		name: string,
		rules: { createScriptURL(url: string): string },
	): {
		createScriptURL(url: string): string;
	};
}

let policy: ReturnType<Policies['createPolicy']> | undefined;

/** Where the browser checks addresses of scripts (Trusted Types), ours are made by a policy of this name. For our own files only. */
export function trustedUrl(url: string): string {
	const { trustedTypes } = globalThis as { trustedTypes?: Policies };
	policy ??= trustedTypes?.createPolicy('chatalk-worker', { createScriptURL: (given) => given });
	return policy ? policy.createScriptURL(url) : url;
}
