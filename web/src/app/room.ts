import type { Failure } from '../engine/contract';

/** A file in the way of nobody, and its size (bytes): when it can't be written, there is no room. */
const PROBE = 'room';
const PROBE_SIZE = 64 * 1024;

/**
 * SQLite only says that it could not write. Whether there was no room is tried out: what browsers tell of their quota is
 * made up, lest it tell who somebody is.
 */
export async function whyNotKept(
	failure: Failure,
	storage: Pick<StorageManager, 'getDirectory'> | undefined = navigator.storage,
): Promise<Failure> {
	if (failure.is !== 'store' || !storage) return failure;
	return (await isFull(storage)) ? { is: 'storeFull' } : failure;
}

async function isFull(storage: Pick<StorageManager, 'getDirectory'>): Promise<boolean> {
	let folder: FileSystemDirectoryHandle | null = null;
	try {
		folder = await storage.getDirectory();
		const file = await folder.getFileHandle(PROBE, { create: true });
		const writing = await file.createWritable();
		await writing.write(new Uint8Array(PROBE_SIZE));
		await writing.close();
		return false;
	} catch (error) {
		return error instanceof DOMException && error.name === 'QuotaExceededError';
	} finally {
		await folder?.removeEntry(PROBE).catch(() => {});
	}
}
