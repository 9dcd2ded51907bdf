/**
 * A server whose clock is moved, by libfaketime of the system (Debian's `libfaketime`): the product knows no clock but that of the machine.
 * What measures how long something takes stays as it is.
 */
import { existsSync } from 'node:fs';

const PLACES = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map(
	(machine) => `/usr/lib/${machine}/faketime/libfaketime.so.1`,
);

/** What a program finds around it, so that its clock is ahead by so many seconds. */
export function ahead(seconds: number): Record<string, string> {
	const library = PLACES.find((path) => existsSync(path));
	if (!library) throw new Error('install libfaketime first: apt-get install libfaketime');
	return { LD_PRELOAD: library, FAKETIME: `+${seconds}`, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
}
