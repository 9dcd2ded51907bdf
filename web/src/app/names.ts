import type {
	Conversation,
	Device,
	Forgotten,
	Inviter,
	Item,
	ItemBody,
	Person,
	Session,
	SignInNotice,
	State,
	Unsent,
} from '../engine/contract';
import { cleanLine } from '../features/timeline/model/clean';

/*
 * What others call themselves, their devices and their organisation is made fit to be shown where it comes in, so that no screen
 * can forget it. Within a sentence a name needs `isolate` besides.
 */

export function cleanPerson<T extends Pick<Person, 'loginName' | 'displayName'>>(person: T): T {
	return {
		...person,
		loginName: cleanLine(person.loginName),
		displayName: cleanLine(person.displayName),
	};
}

export function cleanSession(session: Session): Session {
	return { ...session, me: cleanPerson(session.me), organisation: cleanLine(session.organisation) };
}

export function cleanConversation(conversation: Conversation): Conversation {
	return {
		...conversation,
		title: cleanLine(conversation.title),
		members: conversation.members.map(cleanPerson),
	};
}

/** What happened in a conversation names people and groups; what people wrote is cleaned where it is drawn. */
export function cleanItem(item: Item): Item {
	const body = cleanBody(item.body);
	return body === item.body ? item : { ...item, body };
}

function cleanBody(body: ItemBody): ItemBody {
	if (body.is === 'title') return { ...body, title: cleanLine(body.title) };
	if (body.is !== 'members') return body;
	return {
		...body,
		added: body.added.map(cleanLine),
		removed: body.removed.map(cleanLine),
		roles: body.roles.map((one) => ({ ...one, name: cleanLine(one.name) })),
	};
}

export function cleanDevice<T extends Pick<Device | SignInNotice | Forgotten, 'name'>>(device: T): T {
	return { ...device, name: cleanLine(device.name) };
}

export function cleanInviter<T extends Inviter>(inviter: T): T {
	return { ...cleanPerson(inviter), organisation: cleanLine(inviter.organisation) };
}

export function cleanServer(server: State['server']): State['server'] {
	return server && { ...server, organisation: cleanLine(server.organisation) };
}

/** What was not sent: the text stays as it was written, to be copied. */
export function cleanUnsent(unsent: Unsent): Unsent {
	return { ...unsent, title: cleanLine(unsent.title) };
}
