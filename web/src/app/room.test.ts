import { expect, test } from 'vitest';
import { whyNotKept } from './room';

const STORE = { is: 'store', message: 'disk I/O error' } as const;

/** A private file system that writes, or throws. */
function storage(thrown: Error | null) {
	const files = new Set<string>();
	const writing = {
		write: async () => {
			if (thrown) throw thrown;
		},
		close: async () => {},
	};
	const folder = {
		getFileHandle: async (name: string) => {
			files.add(name);
			return { createWritable: async () => writing };
		},
		removeEntry: async (name: string) => void files.delete(name),
	};
	return { files, getDirectory: async () => folder as unknown as FileSystemDirectoryHandle };
}

test('what could not be kept where nothing can be written had no room', async () => {
	const full = storage(new DOMException('', 'QuotaExceededError'));
	expect(await whyNotKept(STORE, full)).toEqual({ is: 'storeFull' });
	expect(full.files.size, 'nothing is left').toBe(0);
});

test('with room it is another trouble, and so is everything else', async () => {
	const free = storage(null);
	expect(await whyNotKept(STORE, free)).toBe(STORE);
	expect(free.files.size).toBe(0);
	expect(await whyNotKept(STORE, storage(new TypeError('not here')))).toBe(STORE);
	const other = { is: 'unverified', message: '' } as const;
	expect(await whyNotKept(other, storage(new DOMException('', 'QuotaExceededError')))).toBe(other);
});
