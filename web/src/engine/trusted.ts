interface Policies {
	createPolicy(
		name: string,
		rules: { createScriptURL(url: string): string },
	): {
		createScriptURL(url: string): string;
	};
}

let policy: ReturnType<Policies['createPolicy']> | undefined;

/** What runs is served by our own server: anything else would run with all rights of the app. */
export function ownUrl(given: string, page: string = globalThis.location.href): string {
	const [url, own] = [new URL(given, page), new URL(page)];
	// what a page makes up itself (blob:) has its origin, but no server has it
	if (url.origin !== own.origin || url.protocol !== own.protocol)
		throw new TypeError(`not one of our own files: ${url.protocol}${url.host}`);
	return given;
}

/** Where the browser checks addresses of scripts (Trusted Types), ours are made by a policy of this name. For our own files only. */
export function trustedUrl(url: string): string {
	const { trustedTypes } = globalThis as { trustedTypes?: Policies };
	policy ??= trustedTypes?.createPolicy('chatalk-worker', { createScriptURL: (given) => ownUrl(given) });
	return policy ? policy.createScriptURL(url) : ownUrl(url);
}
