import type { Failure } from '../engine/contract';

/** With less than this (bytes) left of what the browser allows, a file that can't be written has no room. */
const NO_ROOM = 64 * 1024;

/** SQLite only says that it could not write; the browser knows whether there was no room for it. */
export async function whyNotKept(
	failure: Failure,
	storage: Pick<StorageManager, 'estimate'> | undefined = navigator.storage,
): Promise<Failure> {
	if (failure.is !== 'store' || !storage) return failure;
	try {
		const { quota, usage } = await storage.estimate();
		const full = quota !== undefined && usage !== undefined && quota - usage < NO_ROOM;
		return full ? { is: 'storeFull' } : failure;
	} catch {
		return failure;
	}
}
