import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import encodeQR from 'qr';

/** The safety code that the scripted engine shows. */
const CODE = [1, 2, 3, 250, 251, 252];
const VIDEO = new URL('./results/code.y4m', import.meta.url).pathname;
const SIDE = 480;

/** A film of one picture: a code on white, as another phone would show it. In the format that Chromium takes for a camera. */
function film(): void {
	const rows = encodeQR(String.fromCharCode(...CODE), 'raw', {
		border: 6,
		encoding: 'byte',
		textEncoder: (text) => Uint8Array.from(text, (character) => character.charCodeAt(0)),
	});
	const light = Buffer.alloc(SIDE * SIDE);
	for (let y = 0; y < SIDE; y++) {
		for (let x = 0; x < SIDE; x++) {
			const at = (pixel: number) => Math.floor((pixel * rows.length) / SIDE);
			light[y * SIDE + x] = rows[at(y)]?.[at(x)] ? 20 : 230;
		}
	}
	const grey = Buffer.alloc((SIDE * SIDE) / 2, 128);
	mkdirSync(new URL('./results/', import.meta.url), { recursive: true });
	writeFileSync(
		VIDEO,
		Buffer.concat([Buffer.from(`YUV4MPEG2 W${SIDE} H${SIDE} F10:1 Ip C420\nFRAME\n`), light, grey]),
	);
}

film();
test.use({
	permissions: ['camera'],
	launchOptions: {
		executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
		args: [
			'--headless=new',
			'--no-sandbox',
			'--disable-gpu',
			'--no-first-run',
			'--use-fake-device-for-media-stream',
			`--use-file-for-fake-video-capture=${VIDEO}`,
		],
	},
});

test('the camera reads the code of another screen, byte for byte', async ({ page }) => {
	await page.goto('/?story=verify/no-camera&theme=light&lang=en');
	await expect(page.getByText('They match.')).toBeVisible();
	expect(await page.evaluate(() => document.documentElement.dataset.scanned)).toBe(CODE.join());
});
