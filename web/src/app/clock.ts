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

/** A clock that is wrong is looked at again so often: somebody may be setting it right. */
const LOOKS_AGAIN = 60_000;

/** Asks each time that the connection comes; and again while the clock is wrong, until it was set right. */
export function useClockDifference(online: boolean): number | null {
	const [difference, setDifference] = useState<number | null>(null);
	const wrong = difference !== null;
	useEffect(() => (online ? asking(setDifference) : undefined), [online]);
	useEffect(() => {
		if (!online || !wrong) return;
		let stop = () => {};
		const again = () => {
			stop();
			stop = asking(setDifference);
		};
		// whoever sets a clock right comes back to the page from somewhere else
		document.addEventListener('visibilitychange', again);
		const timer = setInterval(again, LOOKS_AGAIN);
		return () => {
			stop();
			document.removeEventListener('visibilitychange', again);
			clearInterval(timer);
		};
	}, [online, wrong]);
	return difference;
}

/** Asks the server for the time; returns how to stop. */
function asking(tell: (difference: number | null) => void): () => void {
	const stop = new AbortController();
	fetch('/manifest.webmanifest', { method: 'HEAD', cache: 'no-store', signal: stop.signal })
		.then((answer) => {
			if (!stop.signal.aborted) tell(clockDifference(answer.headers.get('date'), Date.now()));
		})
		.catch(() => {
			// no answer says nothing about the clock
		});
	return () => stop.abort();
}
