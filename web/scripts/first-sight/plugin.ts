import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import react from '@vitejs/plugin-react';
import { build, type Plugin } from 'vite';

const WEB = fileURLToPath(new URL('../..', import.meta.url));

/** Puts the sign-in, as the app draws it, into the page: `src/app/first-sight.ts` shows it before the app is there. */
export function firstSight(): Plugin {
	return {
		name: 'first-sight',
		apply: 'build',
		transformIndexHtml: {
			order: 'post',
			async handler(html) {
				const templates = (await draw()).map(
					// the Content Security Policy wants no styles in the page's text
					([language, markup]) =>
						`<template id="first-sight-${language}">${markup.replaceAll(' style="', ' data-style="')}</template>`,
				);
				return html.replace('<div id="root">', `${templates.join('\n\t\t')}\n\t\t<div id="root">`);
			},
		},
	};
}

/** Builds the app once more, for here, and lets it draw. */
async function draw(): Promise<[string, string][]> {
	// below the packages, so that these are found from there
	const folder = mkdtempSync(join(WEB, 'node_modules', '.first-sight-'));
	try {
		await build({
			root: WEB,
			configFile: false,
			logLevel: 'warn',
			plugins: [react()],
			define: { __APP_VERSION__: '""' },
			build: {
				ssr: 'scripts/first-sight/render.tsx',
				outDir: folder,
				emptyOutDir: false,
				copyPublicDir: false,
				rolldownOptions: { output: { entryFileNames: 'render.mjs' } },
			},
		});
		const { firstSights } = await import(pathToFileURL(join(folder, 'render.mjs')).href);
		return await firstSights();
	} finally {
		rmSync(folder, { recursive: true });
	}
}
