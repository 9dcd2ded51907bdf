import { useEffect, useState } from 'react';

/** The number of the build that this page belongs to; null while developing. */
export function ownBuild(page: Document = document): string | null {
	const build = page.querySelector<HTMLMetaElement>('meta[name="chatalk-build"]')?.content ?? '';
	return /^[0-9a-f]{16}$/.test(build) ? build : null;
}

async function servedBuild(signal: AbortSignal): Promise<string | null> {
	const answer = await fetch('/version.json', { cache: 'no-store', signal });
	if (!answer.ok) return null;
	const told: unknown = await answer.json();
	const build = typeof told === 'object' && told !== null && 'build' in told ? told.build : null;
	return typeof build === 'string' ? build : null;
}

/**
 * True once the server has another build of the app than this page. It asks each time that the connection comes: a server is
 * restarted to be updated; and when a part of this page does not come, which may be for want of a connection too.
 */
export function useNewerBuild(online: boolean): boolean {
	const [newer, setNewer] = useState(false);
	useEffect(() => {
		const own = ownBuild();
		if (!own) return;
		const stop = new AbortController();
		const ask = () => {
			servedBuild(stop.signal)
				.then((served) => {
					if (served && served !== own) setNewer(true);
				})
				.catch(() => {
					// no answer says nothing about builds
				});
		};
		if (online) ask();
		window.addEventListener('vite:preloadError', ask);
		return () => {
			window.removeEventListener('vite:preloadError', ask);
			stop.abort();
		};
	}, [online]);
	return newer;
}
