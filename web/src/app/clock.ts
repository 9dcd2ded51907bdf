import { useEffect, useState } from 'react';

/** Smaller differences do no harm. */
export const CLOCK_TOLERANCE = 5 * 60_000;

/**
 * How much this device's clock is ahead of the server's, from the `Date` of its answer; null: near enough, or unknown.
 * The header counts in whole seconds, and the answer took its time: both are far below the tolerance.
 */
export function clockDifference(dateHeader: string | null, now: number): number | null {
	const server = dateHeader ? Date.parse(dateHeader) : Number.NaN;
	if (Number.isNaN(server)) return null;
	const difference = now - server;
	return Math.abs(difference) > CLOCK_TOLERANCE ? difference : null;
}

/** Asks once for each time that the connection comes. */
export function useClockDifference(online: boolean): number | null {
	const [difference, setDifference] = useState<number | null>(null);
	useEffect(() => {
		if (!online) return;
		const stop = new AbortController();
		fetch('/manifest.webmanifest', { method: 'HEAD', cache: 'no-store', signal: stop.signal })
			.then((answer) => setDifference(clockDifference(answer.headers.get('date'), Date.now())))
			.catch(() => {
				// no answer says nothing about the clock
			});
		return () => stop.abort();
	}, [online]);
	return difference;
}
