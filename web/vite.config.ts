import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import packageJson from './package.json' with { type: 'json' };
import { earlyLinks } from './scripts/early-links.ts';
import { firstSight } from './scripts/first-sight/plugin.ts';
import { licences } from './scripts/licences.ts';
import { ariaLocales } from './scripts/locales.ts';
import { notStarted } from './scripts/not-started.ts';

/** Where `pnpm dev` finds a running server; what the app itself asks of it goes through this proxy. */
const server = process.env.CHATALK_SERVER ?? 'https://localhost:7443';

export default defineConfig({
	plugins: [react(), ariaLocales(), licences(), notStarted(), earlyLinks(), firstSight()],
	worker: { format: 'es' },
	define: { __APP_VERSION__: JSON.stringify(packageJson.version) },
	build: {
		target: 'es2022',
		// the CSP of the server allows no data: addresses
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		reportCompressedSize: false,
		manifest: true,
		rolldownOptions: {
			input: ['index.html', 'src/offline/service-worker.ts'],
			output: {
				// browsers ask for it by name to see whether there is a newer one
				entryFileNames: ({ name }) => (name === 'service-worker' ? '[name].js' : 'assets/[name]-[hash].js'),
				// a few files for what every screen needs, in place of dozens; what changes seldom by itself
				codeSplitting: {
					groups: [
						{
							name: 'vendor',
							// not the virtualiser: nothing before the conversations scrolls through thousands of rows
							test: /node_modules[\\/](?:\.pnpm[\\/])?(?:react|react-dom|scheduler|@tanstack[\\/+](?!react-virtual|virtual-core)[\w-]+|i18next|react-i18next|zustand|use-sync-external-store)[@\\/+]/,
							priority: 2,
						},
						{
							name: 'early',
							// what the page's own script needs, and nothing else: a group takes along what its modules import
							test: /src[\\/](?:app[\\/](?:arrival|first-sight|language|theme)\.ts|engine[\\/])/,
							priority: 3,
						},
						{
							name: 'app',
							test: /src[\\/](?:app[\\/](?!start)|features[\\/]timeline[\\/]model[\\/]clean)/,
							priority: 1,
						},
						{
							name: 'ui',
							test: /src[\\/]ui[\\/](?:banner|button|checkbox|choice|confirm|disclosure|form|icons|link|mark|meter|page|skeleton|steps|text-field)[\\/]/,
							priority: 1,
						},
					],
				},
			},
		},
	},
	server: {
		proxy: { '/v1': { target: server, ws: true, secure: false, changeOrigin: true } },
	},
});
