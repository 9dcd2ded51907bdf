import { describe, expect, it } from 'vitest';
import { createAppStore } from '../../app/store';
import { aState, type Script, scriptedEngine } from '../../test/scripted-engine';
import { createSignInModel } from './sign-in-model';

async function typed(script: Script = {}) {
	const engine = scriptedEngine(script);
	const app = createAppStore(engine);
	await app.actions.open();
	const model = createSignInModel(app);
	model.setLoginName(' ada ');
	model.setPassphrase('orbit velvet ');
	return { engine, app, model };
}

describe('signing in', () => {
	it('sends the name trimmed and the passphrase as it is', async () => {
		const { engine, model } = await typed();
		await model.submit('Firefox');
		expect(engine.commands).toEqual([
			{ do: 'signIn', loginName: 'ada', passphrase: 'orbit velvet ', deviceName: 'Firefox' },
		]);
		expect(model.getState()).toMatchObject({ done: true, passphrase: '' });
	});

	it('names what is missing and asks nobody', async () => {
		const { engine, model } = await typed();
		model.setPassphrase('');
		await model.submit('Firefox');
		expect(model.getState().missing).toBe('passphrase');
		model.setLoginName('  ');
		await model.submit('Firefox');
		expect(model.getState().missing).toBe('loginName');
		expect(engine.commands).toEqual([]);
	});

	it('keeps what was typed after a refusal, for another try', async () => {
		const { model } = await typed({
			onCommand: ({ do: doing }, engine) => engine.emit({ is: 'failed', doing, failure: { is: 'offline' } }),
		});
		await model.submit('Firefox');
		expect(model.getState()).toMatchObject({
			failure: { is: 'offline' },
			passphrase: 'orbit velvet ',
			busy: false,
			done: false,
		});
	});

	it('opens the engine anew in memory on a public computer, and only then sends', async () => {
		const order: string[] = [];
		const { engine, model } = await typed({
			onCommand: ({ do: doing }, self) => {
				order.push(doing);
				self.emit({ is: 'done', doing });
			},
		});
		const open = engine.open;
		engine.open = (options) => {
			order.push(options.inMemory ? 'open in memory' : 'open');
			return open(options);
		};
		model.setPublicComputer(true);
		await model.submit('Firefox');
		expect(order).toEqual(['open in memory', 'signIn']);
	});

	it('keeps things as usual again when the next try is not for a public computer', async () => {
		const { engine, model } = await typed({
			onCommand: ({ do: doing }, self) => self.emit({ is: 'failed', doing, failure: { is: 'offline' } }),
			onOpen: ({ inMemory }) => ({
				is: 'ready',
				state: aState({
					storage: inMemory
						? { kept: 'memory', why: 'public', persistent: false, appLock: false }
						: { kept: 'disk', why: null, persistent: false, appLock: false },
				}),
			}),
		});
		model.setPublicComputer(true);
		await model.submit('Firefox');
		await model.submit('Firefox');
		model.setPublicComputer(false);
		await model.submit('Firefox');
		expect(engine.opened.map(({ inMemory }) => inMemory)).toEqual([false, true, false]);
	});
});
