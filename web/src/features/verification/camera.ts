import { textToBytes } from '../../ui/qr/bytes';

/** Why there is no picture. */
export type CameraProblem = 'denied' | 'none' | 'busy' | 'ended' | 'unsupported' | 'noReader';

export type Camera = { stream: MediaStream; close: () => void } | { problem: CameraProblem };

/** Pictures that are looked at, in pixels of a side: enough for a code that fills half of it. */
const SIDE = 640;
/** Milliseconds between looks: quick for people, easy on batteries. */
const PAUSE = 120;

/** Where trying again may end otherwise: somebody may allow it, plug it in, or close what has it. */
const PASSING: readonly CameraProblem[] = ['denied', 'none', 'busy', 'ended'];

/** Whether it is worth trying again. */
export function mayPass(problem: CameraProblem): boolean {
	return PASSING.includes(problem);
}

/** Asks for the camera, the one at the back where there are two. `onEnded`: it was taken away, by whoever allowed it or by its cable. */
export async function openCamera(onEnded: () => void): Promise<Camera> {
	if (!navigator.mediaDevices?.getUserMedia) return { problem: 'unsupported' };
	try {
		const stream = await navigator.mediaDevices.getUserMedia({
			video: { facingMode: 'environment', width: { ideal: 1280 } },
			audio: false,
		});
		// closing it says nothing here
		for (const track of stream.getTracks()) track.addEventListener('ended', onEnded);
		return {
			stream,
			close: () => {
				for (const track of stream.getTracks()) track.stop();
			},
		};
	} catch (error) {
		return { problem: problemOf(error) };
	}
}

/** What the browser's error means for a person. */
export function problemOf(error: unknown): CameraProblem {
	const name = error instanceof DOMException || error instanceof Error ? error.name : '';
	if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
	if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'none';
	return 'busy';
}

/** Shows the picture and calls `onCode` with the first code in it; `onProblem` where what reads codes does not come. */
export function watch(
	video: HTMLVideoElement,
	stream: MediaStream,
	onCode: (code: Uint8Array) => void,
	onProblem: (problem: CameraProblem) => void,
	stop: AbortSignal,
): void {
	video.srcObject = stream;
	const canvas = document.createElement('canvas');
	canvas.width = SIDE;
	canvas.height = SIDE;
	const context = canvas.getContext('2d', { willReadFrequently: true });
	void video.play().catch(() => undefined);
	// the decoder is large; it comes while the camera warms up
	import('qr/decode.js').then(
		({ decodeQR }) => {
			function look(): void {
				if (stop.aborted) return;
				const code = context && lookOnce(video, context, decodeQR);
				if (code) onCode(code);
				else setTimeout(look, PAUSE);
			}
			look();
		},
		() => {
			if (!stop.aborted) onProblem('noReader');
		},
	);
}

type Decode = typeof import('qr/decode.js').decodeQR;

function lookOnce(
	video: HTMLVideoElement,
	context: CanvasRenderingContext2D,
	decode: Decode,
): Uint8Array | null {
	const side = Math.min(video.videoWidth, video.videoHeight);
	if (side === 0) return null;
	const [left, top] = [(video.videoWidth - side) / 2, (video.videoHeight - side) / 2];
	context.drawImage(video, left, top, side, side, 0, 0, SIDE, SIDE);
	return bytesIn(context.getImageData(0, 0, SIDE, SIDE), decode);
}

/** The bytes of the code in a picture; null: there is none. */
export function bytesIn(
	image: { data: Uint8ClampedArray; width: number; height: number },
	decode: Decode,
): Uint8Array | null {
	try {
		return textToBytes(decode(image, { textDecoder: (bytes) => String.fromCharCode(...bytes) }));
	} catch {
		return null;
	}
}
