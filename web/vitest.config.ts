import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import packageJson from './package.json' with { type: 'json' };

export default defineConfig({
	plugins: [react()],
	define: { __APP_VERSION__: JSON.stringify(packageJson.version) },
	test: {
		environment: 'happy-dom',
		include: ['src/**/*.test.{ts,tsx}'],
		setupFiles: ['src/test/setup.ts'],
		css: false,
		// the first test of a file waits for what it loads; on a busy machine that is more than the five seconds that are usual
		testTimeout: 20_000,
	},
});
