import { describe, expect, it, vi } from 'vitest';
import { scriptedEngine } from '../../test/scripted-engine';
import { createAccountModel, loginProblem, suggestLogin } from './account-model';

describe('the suggested login name', () => {
	it.each([
		['Zoë O’Hara', 'zoe.ohara'],
		['  Jean-Pierre   Dupont ', 'jean.pierre.dupont'],
		['李小龙', '李小龙'],
		['!?', ''],
		['a'.repeat(50), 'a'.repeat(32)],
	])('of %s is %s', (name, login) => {
		expect(suggestLogin(name)).toBe(login);
	});

	it('follows the name until it was typed, and again when that was removed', () => {
		const model = createAccountModel(scriptedEngine(), 'en');
		model.setDisplayName('Ada Lovelace');
		expect(model.getState().loginName).toBe('ada.lovelace');
		model.setLoginName('countess');
		model.setDisplayName('Ada King');
		expect(model.getState().loginName).toBe('countess');
		model.setLoginName('');
		model.setDisplayName('Ada');
		expect(model.getState().loginName).toBe('ada');
	});
});

describe('a login name', () => {
	it.each([
		['', 'loginNeeded'],
		['   ', 'loginNeeded'],
		['ada lovelace', 'loginSpace'],
		['ada\u00a0lovelace', 'loginSpace'],
		['a', 'loginShort'],
		['e\u0301', 'loginShort'],
		['a'.repeat(33), 'loginLong'],
		['ad', null],
		[' ada ', null],
		['Ada.Lovelace_1815', null],
		['李小', null],
		// two letters once it is in lower case
		['İ', null],
		['é'.normalize('NFD').repeat(32), null],
		// half as many once they are ordinary letters
		['ｶﾞ'.repeat(20), null],
	])('%s: %s', (name, problem) => {
		expect(loginProblem(name)).toBe(problem);
	});
});

describe('the five words', () => {
	it('are other ones when asked, and have to be written down anew', async () => {
		const model = createAccountModel(scriptedEngine(), 'en');
		await model.another();
		const first = model.getState().generated;
		model.setWrittenDown(true);
		expect(model.passphraseProblem()).toBeNull();
		await model.another();
		expect(model.getState().generated).not.toBe(first);
		expect(model.passphraseProblem()).toBe('writeItDown');
	});

	it('come in the language that was asked for last', async () => {
		const engine = scriptedEngine();
		let answer = (_: string) => {};
		engine.generatePassphrase = (language) =>
			new Promise((resolve) => {
				if (language === 'en') answer = resolve;
				else resolve('mots français');
			});
		const model = createAccountModel(engine, 'en');
		const slow = model.another();
		await model.setWords('fr');
		answer('late english words');
		await slow;
		expect(model.getState().generated).toBe('mots français');
	});

	it('that come late take back nothing that was said of an own passphrase', async () => {
		const engine = scriptedEngine();
		let answer = (_: string) => {};
		engine.generatePassphrase = () =>
			new Promise((resolve) => {
				answer = resolve;
			});
		const model = createAccountModel(engine, 'en');
		const slow = model.another();
		model.setKind('own');
		model.setWrittenDown(true);
		answer('late words');
		await slow;
		expect(model.getState().writtenDown).toBe(true);
	});
});

describe('an own passphrase', () => {
	it('needs the highest strength', async () => {
		const model = createAccountModel(
			scriptedEngine({ strength: (text) => (text === 'strong' ? 4 : 3) }),
			'en',
		);
		model.setKind('own');
		expect(model.passphraseProblem()).toBe('passphraseNeeded');
		await model.setOwn('nearly');
		model.setWrittenDown(true);
		expect(model.passphraseProblem()).toBe('tooWeak');
		await model.setOwn('strong');
		expect(model.passphraseProblem()).toBeNull();
		expect(model.account('Firefox').passphrase).toBe('strong');
	});

	it('is not judged by the answer to what was typed before', async () => {
		const engine = scriptedEngine();
		const answers: ((score: number) => void)[] = [];
		engine.passphraseStrength = () => new Promise((resolve) => answers.push(resolve));
		const model = createAccountModel(engine, 'en');
		model.setKind('own');
		const first = model.setOwn('a strong one');
		const second = model.setOwn('weak');
		answers[1]?.(0);
		answers[0]?.(4);
		await Promise.all([first, second]);
		expect(model.getState().strength).toBe(0);
	});

	it('is not called weak when nothing could estimate it', async () => {
		const engine = scriptedEngine();
		engine.passphraseStrength = () => Promise.reject(new Error('no network'));
		const model = createAccountModel(engine, 'en');
		model.setKind('own');
		await model.setOwn('plinth gecko wharf umbra');
		model.setWrittenDown(true);
		expect(model.passphraseProblem()).toBe('notEstimated');
		engine.passphraseStrength = async () => 4;
		await model.setOwn('plinth gecko wharf umbra');
		expect(model.passphraseProblem()).toBeNull();
	});

	it('knows the names as what others guess first', async () => {
		const engine = scriptedEngine();
		const asked = vi.spyOn(engine, 'passphraseStrength');
		const model = createAccountModel(engine, 'en');
		model.setDisplayName('Ada');
		await model.setOwn('ada ada ada');
		expect(asked).toHaveBeenCalledWith('ada ada ada', ['Ada', 'ada']);
	});
});
