import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import packageJson from './package.json' with { type: 'json' };

/** The page of stories: every component and screen in its states, over a scripted engine. Never part of the product. */
export default defineConfig({
	root: fileURLToPath(new URL('./stories', import.meta.url)),
	publicDir: fileURLToPath(new URL('./public', import.meta.url)),
	plugins: [react()],
	define: { __APP_VERSION__: JSON.stringify(packageJson.version) },
	build: { target: 'es2022', assetsInlineLimit: 0, outDir: '../dist-stories', emptyOutDir: true },
	server: { port: 4319, strictPort: true },
	preview: { host: '127.0.0.1', port: 4319, strictPort: true },
});
