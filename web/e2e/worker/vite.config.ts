import { defineConfig } from 'vite';

/** The server that the page's socket is led to; the page itself is on loopback, where browsers trust plain HTTP. */
const target = process.env.CHATALK_SERVER ?? 'http://localhost:7480';

export default defineConfig({
	root: import.meta.dirname,
	worker: { format: 'es' },
	build: { target: 'es2022', outDir: 'dist', emptyOutDir: true, assetsInlineLimit: 0, modulePreload: false },
	preview: {
		host: '127.0.0.1',
		proxy: { '/v1': { target, ws: true, changeOrigin: true, rewriteWsOrigin: true } },
	},
});
