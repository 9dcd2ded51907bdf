import i18next from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';
import { formatFor } from '../../app/format';
import type { Item, ItemBody } from '../../engine/contract';
import en from '../../locales/en/timeline.json';
import fr from '../../locales/fr/timeline.json';
import { aChange } from '../../test/scripted-engine';
import { systemText } from './system-text';

beforeAll(async () => {
	await i18next.init({
		lng: 'en',
		resources: { en: { timeline: en }, fr: { timeline: fr } },
		fallbackLng: false,
		interpolation: { escapeValue: false },
	});
});

function told(language: 'en' | 'fr', body: ItemBody, own = false): string[] {
	const t = i18next.getFixedT(language, 'timeline');
	const item: Item = {
		key: 'k',
		seq: 1,
		sender: 'anna',
		senderName: 'Anna',
		own,
		time: 1,
		serverTime: 1,
		expires: 0,
		body,
		state: null,
	};
	return systemText(t, formatFor(language), item).map((line) =>
		line.replace(/[\u2068\u2069]/g, '').replace(/[\u00a0\u202f]/g, ' '),
	);
}

const several = aChange({
	added: ['Ben'],
	removed: ['Cara', 'Dan'],
	roles: [
		{ name: 'Eva', role: 'readOnly' },
		{ name: 'Finn', role: 'admin' },
		{ name: 'Gil', role: 'admin' },
		{ name: 'Hana', role: 'owner' },
		{ name: 'Ivo', role: 'member' },
	],
	announcements: true,
	historyAll: false,
});

describe('the way back to earlier messages', () => {
	it('is repaired by somebody, who is named', () => {
		expect(told('en', { is: 'relinked' })).toEqual(['Anna repaired the way back to earlier messages']);
		expect(told('fr', { is: 'relinked' }, true)).toEqual([
			'Vous avez réparé le chemin vers les messages précédents',
		]);
	});
});

describe('a change that could not be read', () => {
	it('is told by who could not read it, and who began anew without whom', () => {
		const about: ItemBody = { is: 'complaint', about: 'Ben' };
		expect(told('en', about)).toEqual(['The app of Anna could not read the last change by Ben']);
		expect(told('en', { is: 'complaint', about: null }, true)).toEqual([
			'Your app could not read the last change',
		]);
		expect(told('fr', about)).toEqual([
			'L’application de Anna n’a pas pu lire la dernière modification faite par Ben',
		]);
		const anew: ItemBody = { is: 'restarted', complaint: true, out: ['Ben'] };
		expect(told('en', anew)).toEqual(['Anna started the conversation anew, without Ben']);
		expect(told('fr', anew, true)).toEqual(['Vous avez recommencé la conversation, sans Ben']);
		expect(told('en', { ...anew, out: [] })).toEqual(['Anna started the conversation anew']);
		expect(told('en', { ...anew, complaint: false, out: [] })).toEqual([
			'The encryption of this conversation was renewed',
		]);
		expect(told('en', { is: 'unreadable' })).toEqual(['Something by Anna can’t be read on this device']);
	});
});

describe('access that was lost', () => {
	it('is restored by somebody, who is named', () => {
		const restored = aChange({ restored: ['Ben'] });
		expect(told('en', restored)).toEqual(['The access of Ben was restored by Anna']);
		expect(told('en', restored, true)).toEqual(['You restored the access of Ben']);
		expect(told('fr', restored)).toEqual(['L’accès de Ben a été rétabli par Anna']);
		expect(told('fr', restored, true)).toEqual(['Vous avez rétabli l’accès de Ben']);
	});
});

describe('what happened in a group', () => {
	it('is said in a sentence for each thing', () => {
		expect(told('en', several)).toEqual([
			'Anna added Ben',
			'Anna removed Cara and Dan',
			'Anna made Hana the owner',
			'Anna made Finn and Gil admins',
			'Anna made Ivo a member',
			'Anna made Eva read-only',
			'Anna decided that only admins write here',
			'Anna closed earlier messages to new members',
		]);
	});

	it('is said in French as well', () => {
		expect(told('fr', several)).toEqual([
			'Anna a ajouté Ben',
			'Anna a retiré Cara et Dan',
			'Anna a donné à Hana le rôle de propriétaire',
			'Anna a donné à Finn et Gil le rôle d’administrateur',
			'Anna a donné à Ivo le rôle de membre',
			'Anna a mis Eva en lecture seule',
			'Anna a décidé que seuls les administrateurs écrivent ici',
			'Anna a fermé les messages antérieurs aux nouveaux membres',
		]);
	});

	it('is said to whoever did it', () => {
		const own = told('en', several, true);
		expect(own).toHaveLength(8);
		for (const line of own) expect(line).toMatch(/^You /);
		for (const line of told('fr', several, true)) expect(line).toMatch(/^Vous avez /);
		expect(told('en', aChange({ roles: [{ name: 'Ben', role: 'admin' }] }), true)).toEqual([
			'You made Ben an admin',
		]);
	});

	it('is the other way round too', () => {
		const off = aChange({ announcements: false, historyAll: true });
		expect(told('en', off)).toEqual([
			'Anna decided that all members write here',
			'Anna opened earlier messages to new members',
		]);
		expect(told('fr', off)[0]).toBe('Anna a décidé que tous les membres écrivent ici');
	});

	it('is that somebody left, and who follows', () => {
		expect(told('en', { is: 'left' })).toEqual(['Anna left']);
		expect(told('fr', { is: 'left' }, true)).toEqual(['Vous avez quitté le groupe']);
		expect(told('en', { is: 'accountClosed' })).toEqual([
			'The server says that the account of Anna was closed',
		]);
		// whoever took the last admin out of the group has made nobody an admin
		const follows = aChange({ left: true, roles: [{ name: 'Ben', role: 'admin' }] });
		expect(told('en', follows)).toEqual(['Ben is an admin now, because the last one left']);
		expect(told('fr', follows, true)).toEqual([
			'Ben est maintenant administrateur, car le dernier est parti',
		]);
	});

	it('is a name', () => {
		expect(told('en', { is: 'title', title: 'Desk' })).toEqual(['Anna named the group “Desk”']);
		expect(told('fr', { is: 'title', title: 'Desk' }, true)).toEqual(['Vous avez nommé le groupe « Desk »']);
	});

	it('is a picture, or none any more', () => {
		expect(told('en', { is: 'picture', takenAway: false })).toEqual(['Anna changed the group’s picture']);
		expect(told('fr', { is: 'picture', takenAway: true }, true)).toEqual([
			'Vous avez retiré l’image du groupe',
		]);
	});

	it('names some of very many', () => {
		const added = Array.from({ length: 300 }, (_, n) => `P${n + 1}`);
		expect(told('en', aChange({ added }))[0]).toMatch(/P8, and 292 others$/);
		expect(told('fr', aChange({ added }))[0]).toMatch(/P8 et 292 autres$/);
		// the ninth is named in place of being counted
		expect(told('en', aChange({ added: added.slice(0, 9) }))[0]).toMatch(/P8, and P9$/);
	});
});

it('says after how long messages disappear', () => {
	expect(told('en', aChange({ timer: 86_400 }))).toEqual(['Anna set messages to disappear after 1 day']);
	expect(told('en', aChange({ timer: 0 }))).toEqual(['Anna turned disappearing messages off']);
	expect(told('en', aChange({ timer: 7_200 }))).toEqual(['Anna set messages to disappear after 2 hours']);
	expect(told('fr', aChange({ timer: 604_800 }))).toEqual([
		'Anna fait disparaître les messages après 1 semaine',
	]);
});

it('keeps names from turning the sentence around', () => {
	const t = i18next.getFixedT('en', 'timeline');
	const body = aChange({ added: ['عمر'] });
	const item = {
		key: 'k',
		seq: 1,
		sender: 'a',
		senderName: 'A',
		own: false,
		time: 1,
		serverTime: 1,
		expires: 0,
	};
	expect(systemText(t, formatFor('en'), { ...item, body, state: null })[0]).toContain('\u2068عمر\u2069');
});
