import type { Page } from '@playwright/test';

/** What a browser keeps of the app, by name. */
export function traces(page: Page): Promise<string[]> {
	return page.evaluate(async () => {
		const found: string[] = [];
		const walk = async (folder: FileSystemDirectoryHandle, path: string) => {
			for await (const [name, entry] of folder.entries()) {
				found.push(`file ${path}${name}`);
				if (entry instanceof FileSystemDirectoryHandle) await walk(entry, `${path}${name}/`);
			}
		};
		await walk(await navigator.storage.getDirectory(), '/');
		for (const { name } of await indexedDB.databases()) found.push(`database ${name}`);
		for (const name of await caches.keys()) found.push(`cache ${name}`);
		for (const name of Object.keys(localStorage)) found.push(`local ${name}`);
		for (const name of Object.keys(sessionStorage)) found.push(`session ${name}`);
		if (document.cookie) found.push('cookies');
		return found.sort();
	});
}
