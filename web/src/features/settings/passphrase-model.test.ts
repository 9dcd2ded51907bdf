import { describe, expect, it, vi } from 'vitest';
import { createAppStore } from '../../app/store';
import { aSession, scriptedEngine } from '../../test/scripted-engine';
import { createPassphraseModel } from './passphrase-model';

async function chosen(mayBeKnown: boolean | null) {
	const engine = scriptedEngine();
	const app = createAppStore(engine);
	await app.actions.open();
	const model = createPassphraseModel(engine, app, 'en', mayBeKnown);
	await model.chooser.another();
	model.chooser.setWrittenDown(true);
	return { engine, model };
}

describe('changing the passphrase', () => {
	it('asks for the old one, then whether somebody may know it', async () => {
		const { engine, model } = await chosen(null);
		await model.submit();
		expect(model.getState().problem).toBe('oldNeeded');
		model.setOld('the old one');
		await model.submit();
		expect(model.getState().problem).toBe('knownNeeded');
		expect(engine.commands).toEqual([]);
		model.setMayBeKnown(false);
		await model.submit();
		expect(engine.commands).toEqual([
			{
				do: 'changePassphrase',
				old: 'the old one',
				new: 'orbit-velvet-canyon-ladder-sunset',
				mayBeKnown: false,
			},
		]);
		expect(model.getState()).toMatchObject({ done: true, old: '' });
	});

	it('counts one’s own names as known to whoever guesses', async () => {
		const engine = scriptedEngine({ state: { session: aSession() } });
		const app = createAppStore(engine);
		await app.actions.open();
		const { chooser } = createPassphraseModel(engine, app, 'en', false);
		const asked = vi.spyOn(engine, 'passphraseStrength');
		await chooser.setOwn('ada lovelace ada lovelace');
		expect(asked).toHaveBeenCalledWith('ada lovelace ada lovelace', ['Ada Lovelace', 'ada']);
	});

	it('changes keys as well when somebody may know it', async () => {
		const { engine, model } = await chosen(true);
		model.setOld('the old one');
		await model.submit();
		expect(engine.commands[0]).toMatchObject({ mayBeKnown: true });
	});
});
