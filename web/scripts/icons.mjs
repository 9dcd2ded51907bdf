// Draws the favicon and the app icons from the mark (src/ui/mark/path.ts), with Chromium as the painter. `pnpm icons`; the
// results are checked in, as they change only when the mark does.
import { readFileSync, writeFileSync } from 'node:fs';
import { chromium } from '@playwright/test';

const PUBLIC = new URL('../public/', import.meta.url);
const source = readFileSync(new URL('../src/ui/mark/path.ts', import.meta.url), 'utf8');
const path = source.match(/'(M[^']+)'/)?.[1];
if (!path) throw new Error('no path in src/ui/mark/path.ts');

const ACCENT = '#c2410c';
/** Between the two accents: seen on light and on dark tabs, without a <style> that a CSP would refuse. */
const TAB = '#ea580c';

const favicon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="3 4 58 58"><path fill="${TAB}" fill-rule="evenodd" d="${path}"/></svg>\n`;
writeFileSync(new URL('favicon.svg', PUBLIC), favicon);

/** White on tangerine, within the circle that every platform leaves of a maskable icon. */
function tile(size, share) {
	const inner = 64 / share;
	const offset = (inner - 64) / 2;
	return `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="${-offset} ${-offset} ${inner} ${inner}"><rect x="${-offset}" y="${-offset}" width="${inner}" height="${inner}" fill="${ACCENT}"/><path fill="#ffffff" fill-rule="evenodd" d="${path}"/></svg>`;
}

const icons = [
	['icon-180.png', tile(180, 0.72)],
	['icon-192.png', tile(192, 0.72)],
	['icon-512.png', tile(512, 0.72)],
	['maskable-192.png', tile(192, 0.56)],
	['maskable-512.png', tile(512, 0.56)],
];

const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
	args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run'],
});
const page = await browser.newPage();
for (const [name, svg] of icons) {
	const size = Number(name.match(/\d+/)?.[0]);
	await page.setViewportSize({ width: size, height: size });
	await page.setContent(`<style>body{margin:0}svg{display:block}</style>${svg}`);
	writeFileSync(new URL(name, PUBLIC), await page.screenshot());
	console.log(name);
}
await browser.close();
