import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { version } from './package.json';

/** Where `pnpm dev` finds a running server; what the app itself asks of it goes through this proxy. */
const server = process.env.CHATALK_SERVER ?? 'https://localhost:7443';

export default defineConfig({
	plugins: [react()],
	worker: { format: 'es' },
	define: { __APP_VERSION__: JSON.stringify(version) },
	build: {
		target: 'es2022',
		// the CSP of the server allows no data: addresses
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		reportCompressedSize: false,
		manifest: true,
	},
	server: {
		proxy: { '/ws': { target: server, ws: true, secure: false, changeOrigin: true } },
	},
});
