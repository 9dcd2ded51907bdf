/** Tabs of two builds that can't talk to each other: which of them is to be loaded anew is said, and the newer one goes on by itself. */
import type { Page } from '@playwright/test';
import { DOWN, LEADER_LOCK, PROTOCOL, UP } from '../../src/engine/protocol';
import { founds } from '../support/entry';
import { expect, test } from '../support/fixtures';

/** A page of the same origin holds the worker's place, and answers as another build does. */
async function holds(page: Page, version: number): Promise<void> {
	await page.goto('/manifest.webmanifest');
	await page.evaluate(
		async ({ version, lock, up, down }) => {
			await new Promise<void>((held) => {
				void navigator.locks.request(lock, () => {
					held();
					return new Promise(() => {});
				});
			});
			const [asked, told] = [new BroadcastChannel(up), new BroadcastChannel(down)];
			const ready = () => told.postMessage({ t: 'ready', v: version, run: 'another build' });
			asked.onmessage = ({ data }) => {
				if (data.t === 'hello') ready();
			};
			ready();
		},
		{ version, lock: LEADER_LOCK, up: UP, down: DOWN },
	);
}

for (const language of ['en', 'fr'] as const) {
	test.describe(language, () => {
		test.use({ look: { language, theme: language === 'en' ? 'light' : 'dark', size: 'phone' } });

		test('a tab with another build is told apart, and is waited for', async ({ arrive, server, t }) => {
			const anna = await arrive();
			const { page, context } = anna;
			// the page that stands for the other tab is no page of the app
			anna.watch.expect(/favicon\.ico/);
			await founds(page, t, server.code, { organisation: 'Example', name: 'Anna' });
			await page.getByRole('button', { name: t('entry:ready.toConversations') }).click();
			const title = (own: 'older' | 'newer') =>
				page.getByRole('heading', { level: 1, name: t(`trouble:otherBuild.${own}.title`) });
			await page.goto('about:blank');

			const other = await context.newPage();
			await holds(other, PROTOCOL - 1);
			await page.goto('/');
			await expect(title('newer')).toBeVisible();
			await anna.looksAt(`other-build-newer-${language}`);
			await page.getByRole('button', { name: t('trouble:otherBuild.again') }).click();
			await expect(title('newer')).toBeVisible();
			await other.close();
			await expect(page.getByRole('heading', { name: t('home:title') })).toBeVisible();

			await page.goto('about:blank');
			const newer = await context.newPage();
			await holds(newer, PROTOCOL + 1);
			await page.goto('/');
			await expect(title('older')).toBeVisible();
			await anna.looksAt(`other-build-older-${language}`);
			await page.getByRole('button', { name: t('common:health.reload') }).click();
			await expect(title('older')).toBeVisible();
			await newer.close();
			await expect(page.getByRole('heading', { name: t('home:title') })).toBeVisible();
		});
	});
}
