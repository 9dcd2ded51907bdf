import type { TFunction } from 'i18next';
import type { Format } from '../../app/format';
import type { Item } from '../../engine/contract';
import { wordsOf } from '../timer/choices';
import { isolate } from './model/clean';
import { type Fact, factsOf } from './model/facts';

/** So many people are named; of more, the others are counted. */
const named = 8;

/** What happened in a conversation, in words: a sentence for each thing. */
export function systemText(t: TFunction<'timeline'>, format: Format, item: Item): string[] {
	const { body, own } = item;
	const name = isolate(item.senderName);
	switch (body.is) {
		case 'created':
			return [own ? t('system.createdOwn') : t('system.created', { name })];
		case 'title': {
			const title = isolate(body.title);
			return [own ? t('system.titledOwn', { title }) : t('system.titled', { name, title })];
		}
		case 'picture': {
			const what = body.takenAway ? 'unpictured' : 'pictured';
			return [own ? t(`system.${what}Own`) : t(`system.${what}`, { name })];
		}
		case 'left':
			return [own ? t('system.leftOwn') : t('system.left', { name })];
		case 'relinked':
			return [own ? t('system.relinkedOwn') : t('system.relinked', { name })];
		case 'complaint': {
			if (body.about === null) return [own ? t('system.complaintOwn') : t('system.complaint', { name })];
			const about = isolate(body.about);
			return [own ? t('system.complaintAboutOwn', { about }) : t('system.complaintAbout', { name, about })];
		}
		case 'restarted': {
			if (!body.complaint) return [t('system.renewed')];
			if (body.out.length === 0) return [own ? t('system.restartedOwn') : t('system.restarted', { name })];
			const names = someNames(t, format, body.out);
			return [
				own ? t('system.restartedWithoutOwn', { names }) : t('system.restartedWithout', { name, names }),
			];
		}
		case 'unreadable':
			return [t('system.unreadable', { name })];
		case 'accountClosed':
			return [t('system.accountClosed', { name })];
		case 'members':
			return factsOf(body).map((fact) => factText(t, format, fact, own ? null : name));
		case 'removedByServer':
			return [t('system.removedByServer')];
		case 'unverified':
			return [t('system.unverified')];
		default:
			return [t('system.newer')];
	}
}

/** `name`: who did it; null: oneself. */
function factText(t: TFunction<'timeline'>, format: Format, fact: Fact, name: string | null): string {
	if (fact.is === 'announcements' || fact.is === 'historyAll') {
		const on = fact.on ? 'on' : 'off';
		return name === null ? t(`system.${fact.is}Own.${on}`) : t(`system.${fact.is}.${on}`, { name });
	}
	if (fact.is === 'timer') return timerText(t, format, fact.seconds, name);
	const names = someNames(t, format, fact.names);
	if (fact.is === 'successor') return t('system.successor', { names, count: fact.names.length });
	if (fact.is === 'role') {
		const told = { names, count: fact.names.length };
		return name === null
			? t(`system.roleOwn.${fact.role}`, told)
			: t(`system.role.${fact.role}`, { ...told, name });
	}
	return name === null ? t(`system.${fact.is}Own`, { names }) : t(`system.${fact.is}`, { name, names });
}

/** A timer that the app does not offer is said in its largest unit. */
function timerText(t: TFunction<'timeline'>, format: Format, seconds: number, name: string | null): string {
	if (seconds === 0) return name === null ? t('system.timerOwn.off') : t('system.timer.off', { name });
	const words = wordsOf(seconds);
	const after =
		words === null || words === 'off' ? format.duration(seconds * 1000) : t(`system.after.${words}`);
	return name === null ? t('system.timerOwn.on', { after }) : t('system.timer.on', { name, after });
}

function someNames(t: TFunction<'timeline'>, format: Format, names: readonly string[]): string {
	const rest = names.length - named;
	// one more takes as much room as saying that there is one more
	if (rest <= 1) return format.list(names.map(isolate));
	return format.list([...names.slice(0, named).map(isolate), t('system.others', { count: rest })]);
}
