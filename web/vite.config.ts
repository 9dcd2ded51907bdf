import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import packageJson from './package.json' with { type: 'json' };
import { licences } from './scripts/licences.ts';

/** Where `pnpm dev` finds a running server; what the app itself asks of it goes through this proxy. */
const server = process.env.CHATALK_SERVER ?? 'https://localhost:7443';

export default defineConfig({
	plugins: [react(), licences()],
	worker: { format: 'es' },
	define: { __APP_VERSION__: JSON.stringify(packageJson.version) },
	build: {
		target: 'es2022',
		// the CSP of the server allows no data: addresses
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		reportCompressedSize: false,
		manifest: true,
	},
	server: {
		proxy: { '/v1/socket': { target: server, ws: true, secure: false, changeOrigin: true } },
	},
});
