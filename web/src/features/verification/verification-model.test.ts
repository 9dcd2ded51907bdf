import encodeQR from 'qr';
import { decodeQR } from 'qr/decode.js';
import { describe, expect, it, vi } from 'vitest';
import { createAppStore } from '../../app/store';
import { aPerson, type Script, scriptedEngine } from '../../test/scripted-engine';
import { bytesToText, textToBytes } from '../../ui/qr/bytes';
import { bytesIn, mayPass, openCamera, problemOf, watch } from './camera';
import { createVerificationModel, groups } from './verification-model';

const MEMBER = 'b2'.repeat(16);

async function opened(script: Script = {}) {
	const engine = scriptedEngine(script);
	const app = createAppStore(engine);
	await app.actions.open();
	const model = createVerificationModel(engine, app, MEMBER);
	await model.load();
	return { engine, app, model };
}

describe('the safety number', () => {
	it('is shown in twelve groups of five', async () => {
		const { model } = await opened();
		const number = groups(model.getState().number ?? '');
		expect(number).toHaveLength(12);
		expect(number.every((group) => /^\d{5}$/.test(group))).toBe(true);
	});

	it('is not there for somebody whose keys are unknown', async () => {
		const { model } = await opened({ safetyNumber: null });
		expect(model.getState().unknown).toBe(true);
	});
});

describe('a scanned code', () => {
	it('that matches sets the mark', async () => {
		const { engine, model } = await opened({ safetyCheck: 'match' });
		model.startScan();
		await model.scanned(new Uint8Array([1]));
		expect(model.getState()).toMatchObject({ scanning: false, result: 'match' });
		expect(engine.commands).toEqual([{ do: 'setVerified', member: MEMBER, verified: true }]);
	});

	it.each(['mismatch', 'notASafetyCode', 'otherPerson'] as const)(
		'that is a %s sets none',
		async (safetyCheck) => {
			const { engine, model } = await opened({ safetyCheck });
			await model.scanned(new Uint8Array([1]));
			expect(model.getState().result).toBe(safetyCheck);
			expect(engine.commands).toEqual([]);
		},
	);
});

describe('a mismatch', () => {
	it('stands after a second scan that is given up, or finds something else', async () => {
		const script: Script = { safetyCheck: 'mismatch' };
		const { engine, model } = await opened(script);
		await model.scanned(new Uint8Array([1]));
		model.startScan();
		model.stopScan();
		expect(model.getState()).toMatchObject({ result: 'mismatch', differs: true });
		script.safetyCheck = 'notASafetyCode';
		await model.scanned(new Uint8Array([2]));
		await model.load();
		expect(model.getState()).toMatchObject({ result: 'notASafetyCode', differs: true });
		await model.setVerified(true);
		await model.acceptIdentity();
		expect(engine.commands).toEqual([]);
		script.safetyCheck = 'match';
		await model.scanned(new Uint8Array([3]));
		expect(model.getState().differs).toBe(false);
		expect(engine.commands).toEqual([{ do: 'setVerified', member: MEMBER, verified: true }]);
	});
});

describe('an identity that has changed', () => {
	it('is accepted with the number that was compared, and then marked', async () => {
		const { engine, app, model } = await opened();
		app.setState({ people: [aPerson({ member: MEMBER, identityChanged: true })] });
		await model.setVerified(true);
		const { number } = model.getState();
		expect(engine.commands).toEqual([
			{ do: 'acceptIdentity', member: MEMBER, number },
			{ do: 'setVerified', member: MEMBER, verified: true },
		]);
	});

	it('is not marked when it changed once more, and its number is shown', async () => {
		const script: Script = {};
		const { engine, app, model } = await opened(script);
		app.setState({ people: [aPerson({ member: MEMBER, identityChanged: true })] });
		script.safetyNumber = '1'.repeat(60);
		script.onCommand = ({ do: doing }, engine) =>
			engine.emit({ is: 'failed', doing, failure: { is: 'identityChanged', member: MEMBER } });
		await model.setVerified(true);
		expect(engine.commands.map((command) => command.do)).toEqual(['acceptIdentity']);
		expect(model.getState()).toMatchObject({ number: '1'.repeat(60), failure: { is: 'identityChanged' } });
	});

	it('that changes on the screen takes back what was found out about the other', async () => {
		const script: Script = { safetyCheck: 'mismatch' };
		const { model } = await opened(script);
		await model.scanned(new Uint8Array([1]));
		script.safetyNumber = '1'.repeat(60);
		await model.load();
		expect(model.getState().result).toBeNull();
	});
});

describe('an engine that goes away', () => {
	const gone = () => Promise.reject(new Error('the worker ended'));

	it('leaves the number unread, until it is asked again', async () => {
		const { engine, model } = await opened();
		const { safetyNumber } = engine;
		engine.safetyNumber = gone;
		await model.load();
		expect(model.getState()).toMatchObject({ unread: true, unknown: false });
		engine.safetyNumber = safetyNumber;
		await model.load();
		expect(model.getState().unread).toBe(false);
	});

	it('leaves a scanned code unanswered, and sets no mark', async () => {
		const { engine, model } = await opened();
		engine.checkSafetyCode = gone;
		model.startScan();
		await model.scanned(new Uint8Array([1]));
		expect(model.getState()).toMatchObject({ scanning: false, result: 'unanswered' });
		expect(engine.commands).toEqual([]);
	});
});

describe('the camera', () => {
	it('says so where what reads codes does not come', async () => {
		vi.doMock('qr/decode.js', () => {
			throw new TypeError('Failed to fetch dynamically imported module');
		});
		const video = document.createElement('video');
		const problem = await new Promise((resolve) =>
			watch(video, new MediaStream(), () => undefined, resolve, new AbortController().signal),
		);
		vi.doUnmock('qr/decode.js');
		expect(problem).toBe('noReader');
	});

	/** A picture of a code, as a camera would see it at its best. */
	function picture(bytes: Uint8Array) {
		const rows = encodeQR(bytesToText(bytes), 'raw', {
			border: 4,
			encoding: 'byte',
			textEncoder: textToBytes,
			scale: 4,
		});
		const data = new Uint8ClampedArray(rows.length * rows.length * 4).fill(255);
		rows.forEach((row, y) => {
			row.forEach((dark, x) => {
				if (dark) data.fill(0, (y * rows.length + x) * 4, (y * rows.length + x) * 4 + 3);
			});
		});
		return { data, width: rows.length, height: rows.length };
	}

	it('reads every byte as it was written', () => {
		const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
		expect(bytesIn(picture(bytes), decodeQR)).toEqual(bytes);
	});

	it('reads nothing where there is nothing', () => {
		const blank = { data: new Uint8ClampedArray(64 * 64 * 4).fill(255), width: 64, height: 64 };
		expect(bytesIn(blank, decodeQR)).toBeNull();
	});

	it('says when it is taken away, and not when it is closed here', async () => {
		const track = Object.assign(new EventTarget(), { stop: vi.fn() });
		const getUserMedia = async () => ({ getTracks: () => [track] });
		vi.stubGlobal('navigator', { mediaDevices: { getUserMedia } });
		const onEnded = vi.fn();
		const camera = await openCamera(onEnded);
		vi.unstubAllGlobals();
		if ('problem' in camera) throw new Error(camera.problem);
		camera.close();
		expect([track.stop.mock.calls.length, onEnded.mock.calls.length]).toEqual([1, 0]);
		track.dispatchEvent(new Event('ended'));
		expect(onEnded).toHaveBeenCalledOnce();
	});

	it('is tried again where that may end otherwise', () => {
		const tried = (['denied', 'none', 'busy', 'ended', 'unsupported', 'noReader'] as const).filter(mayPass);
		expect(tried).toEqual(['denied', 'none', 'busy', 'ended']);
	});

	it('says why there is no picture', () => {
		expect(problemOf(new DOMException('', 'NotAllowedError'))).toBe('denied');
		expect(problemOf(new DOMException('', 'NotFoundError'))).toBe('none');
		expect(problemOf(new DOMException('', 'NotReadableError'))).toBe('busy');
	});
});
