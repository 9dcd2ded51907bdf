/**
 * A server whose clock is moved, by libfaketime of the system (`cargo xtask test` installs it): the product knows no clock but that of the
 * machine. What measures how long something takes stays as it is.
 */
import { existsSync } from 'node:fs';

const PLACES = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib'].map(
	(folder) => `${folder}/faketime/libfaketime.so.1`,
);

/** What a program finds around it, so that its clock is ahead by so many seconds. */
export function ahead(seconds: number): Record<string, string> {
	const library = PLACES.find((path) => existsSync(path));
	if (!library) throw new Error('install libfaketime first: apt-get install libfaketime');
	return { LD_PRELOAD: library, FAKETIME: `+${seconds}`, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
}
