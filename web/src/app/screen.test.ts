import i18next from 'i18next';
import { expect, it, vi } from 'vitest';
import { startI18n } from './i18n';
import { screen } from './screen';

const Empty = () => null;

it('is there when its words are', async () => {
	await startI18n('en');
	let words = () => {};
	const asked = vi
		.spyOn(i18next, 'loadNamespaces')
		.mockImplementation(() => new Promise<void>((resolve) => (words = resolve)));
	const Help = screen(async () => ({ Help: Empty }), 'Help', 'help');
	let ready = false;
	const loading = (async () => {
		await Help.preload?.();
		ready = true;
	})();
	await new Promise((resolve) => setTimeout(resolve));
	expect(asked).toHaveBeenCalledWith(['help']);
	expect(ready, 'before its words').toBe(false);
	words();
	await loading;
	expect(ready).toBe(true);
});
