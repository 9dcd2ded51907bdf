/** A camera that films what somebody holds in front of it: Chromium shows a film in its place, and reads that anew whenever it is opened. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LaunchOptions, Locator } from '@playwright/test';
import { CHROMIUM } from './runs';

const WIDTH = 640;
const HEIGHT = 480;
/** How much of the height of the picture the other screen fills. */
const FILLED = 0.75;
/** The hand that holds it is not quite straight (radians). */
const TILT = 0.06;
/** What else there is to see: a wall in half light. */
const WALL = 110;

export class Camera {
	private readonly folder = mkdtempSync(join(tmpdir(), 'chatalk-camera-'));

	constructor() {
		this.films(Buffer.alloc(WIDTH * HEIGHT, WALL));
	}

	private get film(): string {
		return join(this.folder, 'film.y4m');
	}

	/** The browser that has it. */
	get browser(): LaunchOptions {
		const args = ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${this.film}`];
		return { ...CHROMIUM, args: [...CHROMIUM.args, ...args] };
	}

	/** From now on it sees this, as it is on another screen at this moment. */
	async sees(shown: Locator): Promise<void> {
		const picture = (await shown.screenshot()).toString('base64');
		const scene = { picture, width: WIDTH, height: HEIGHT, filled: FILLED, tilt: TILT, wall: WALL };
		this.films(Buffer.from(await shown.page().evaluate(filmed, scene), 'base64'));
	}

	/** Y4M: a line of text, then for each picture its light and two planes of colour, which are grey. */
	private films(light: Buffer): void {
		const grey = Buffer.alloc(light.length / 2, 128);
		const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip C420\nFRAME\n`);
		writeFileSync(this.film, Buffer.concat([head, light, grey]));
	}

	remove(): void {
		rmSync(this.folder, { recursive: true, force: true });
	}
}

interface Scene {
	/** A PNG in base64. */
	picture: string;
	width: number;
	height: number;
	filled: number;
	tilt: number;
	wall: number;
}

/** Runs in a page: how bright each point of the scene is, in base64. */
async function filmed({ picture, width, height, filled, tilt, wall }: Scene): Promise<string> {
	const bytes = Uint8Array.from(atob(picture), (character) => character.charCodeAt(0));
	const screen = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
	const context = new OffscreenCanvas(width, height).getContext('2d');
	if (!context) throw new Error('nothing can be drawn');
	context.fillStyle = `rgb(${wall} ${wall} ${wall})`;
	context.fillRect(0, 0, width, height);
	context.translate(width / 2, height / 2);
	context.rotate(tilt);
	const scale = (filled * height) / Math.max(screen.width, screen.height);
	const [wide, high] = [screen.width * scale, screen.height * scale];
	context.drawImage(screen, -wide / 2, -high / 2, wide, high);
	const { data } = context.getImageData(0, 0, width, height);
	let light = '';
	// the range of video: from 16 to 235
	for (let at = 0; at < data.length; at += 4) {
		const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3);
		light += String.fromCharCode(16 + Math.round(0.86 * (0.3 * red + 0.59 * green + 0.11 * blue)));
	}
	return btoa(light);
}
