import { createRootRoute, createRoute, createRouter, type RouterHistory } from '@tanstack/react-router';
import { MemberGate } from './MemberGate';
import { Root } from './Root';
import { screen } from './screen';
import { Broken } from './shell/Broken';
import { NotFound } from './shell/NotFound';

const root = createRootRoute({ component: Root, notFoundComponent: NotFound, errorComponent: Broken });

// ---- before anybody is signed in

const signIn = createRoute({
	getParentRoute: () => root,
	path: '/sign-in',
	component: screen(() => import('../features/sign-in/SignIn'), 'SignIn', 'entry', 'errors'),
});
const recover = createRoute({
	getParentRoute: () => root,
	path: '/recover',
	component: screen(() => import('../features/sign-in/SignIn'), 'Recover', 'entry', 'errors'),
});
const register = createRoute({
	getParentRoute: () => root,
	path: '/i',
	component: screen(() => import('../features/register/Register'), 'Register', 'entry', 'errors'),
});
const reset = createRoute({
	getParentRoute: () => root,
	path: '/r',
	component: screen(() => import('../features/reset/Reset'), 'Reset', 'entry', 'errors'),
});
const firstRun = createRoute({
	getParentRoute: () => root,
	path: '/start',
	component: screen(() => import('../features/first-run/FirstRun'), 'FirstRun', 'entry', 'errors'),
});

// ---- help, for everybody

const helpIndex = createRoute({
	getParentRoute: () => root,
	path: '/help',
	component: screen(() => import('../features/help/Help'), 'HelpIndex', 'help'),
});
const helpPage = createRoute({
	getParentRoute: () => root,
	path: '/help/$page',
	component: screen(() => import('../features/help/Help'), 'HelpPage', 'help'),
});

/** Opened to see what the browser says of the server: no copy of it is kept (`offline/service-worker.ts`). */
const reached = createRoute({
	getParentRoute: () => root,
	path: '/reached',
	component: screen(() => import('../features/trouble/Reached'), 'Reached', 'trouble'),
});

// ---- everything below needs somebody signed in

const member = createRoute({ getParentRoute: () => root, id: 'member', component: MemberGate });

/** One screen for all of these: list, timeline and details side by side, or one at a time on a phone. */
const home = createRoute({
	getParentRoute: () => member,
	id: 'home',
	component: screen(() => import('../features/home/Home'), 'Home', 'home', 'timeline', 'composer', 'errors'),
});
const nothingOpen = createRoute({ getParentRoute: () => home, path: '/' });
const newConversation = createRoute({ getParentRoute: () => home, path: '/new' });
const newGroup = createRoute({ getParentRoute: () => home, path: '/new/group' });
const newGroupName = createRoute({ getParentRoute: () => home, path: '/new/group/name' });
const conversation = createRoute({ getParentRoute: () => home, path: '/c/$conversation' });
const details = createRoute({ getParentRoute: () => home, path: '/c/$conversation/details' });

const verify = createRoute({
	getParentRoute: () => member,
	path: '/verify/$member',
	component: screen(
		() => import('../features/verification/Verification'),
		'Verification',
		'safety',
		'errors',
	),
});

const settings = createRoute({
	getParentRoute: () => member,
	path: '/settings',
	component: screen(
		() => import('../features/settings/SettingsLayout'),
		'SettingsLayout',
		'settings',
		'errors',
	),
});
const settingsIndex = createRoute({
	getParentRoute: () => settings,
	path: '/',
	component: screen(
		() => import('../features/settings/SettingsIndex'),
		'SettingsIndex',
		'settings',
		'errors',
	),
});
const profile = createRoute({
	getParentRoute: () => settings,
	path: 'profile',
	component: screen(() => import('../features/settings/Profile'), 'Profile', 'settings', 'entry', 'errors'),
});
const passphrase = createRoute({
	getParentRoute: () => settings,
	path: 'passphrase',
	validateSearch: (search: Record<string, unknown>): { known?: boolean } =>
		search.known === true ? { known: true } : {},
	component: screen(
		() => import('../features/settings/Passphrase'),
		'Passphrase',
		'settings',
		'entry',
		'errors',
	),
});
const recovery = createRoute({
	getParentRoute: () => settings,
	path: 'recovery',
	component: screen(() => import('../features/settings/Recovery'), 'Recovery', 'settings', 'entry', 'errors'),
});
const forgotten = createRoute({
	getParentRoute: () => settings,
	path: 'forgotten',
	component: screen(
		() => import('../features/settings/Forgotten'),
		'Forgotten',
		'settings',
		'entry',
		'errors',
	),
});
const approval = createRoute({
	getParentRoute: () => settings,
	path: 'approval',
	validateSearch: ({ after }: Record<string, unknown>): { after?: 'off' | 'notify' } =>
		after === 'off' || after === 'notify' ? { after } : {},
	component: screen(() => import('../features/settings/Approval'), 'Approval', 'settings', 'entry', 'errors'),
});
const people = createRoute({
	getParentRoute: () => settings,
	path: 'people',
	component: screen(() => import('../features/settings/People'), 'People', 'settings', 'errors'),
});
const devices = createRoute({
	getParentRoute: () => settings,
	path: 'devices',
	component: screen(() => import('../features/devices/Devices'), 'Devices', 'settings', 'errors'),
});
const lock = createRoute({
	getParentRoute: () => settings,
	path: 'lock',
	component: screen(() => import('../features/settings/Lock'), 'Lock', 'settings', 'entry', 'errors'),
});
const appearance = createRoute({
	getParentRoute: () => settings,
	path: 'appearance',
	component: screen(() => import('../features/settings/Appearance'), 'Appearance', 'settings', 'errors'),
});
const messages = createRoute({
	getParentRoute: () => settings,
	path: 'messages',
	component: screen(() => import('../features/settings/Messages'), 'Messages', 'settings', 'errors'),
});
const storage = createRoute({
	getParentRoute: () => settings,
	path: 'storage',
	component: screen(() => import('../features/settings/Storage'), 'Storage', 'settings', 'errors'),
});
const invite = createRoute({
	getParentRoute: () => settings,
	path: 'invite',
	component: screen(() => import('../features/settings/Invite'), 'Invite', 'settings', 'entry', 'errors'),
});
const about = createRoute({
	getParentRoute: () => settings,
	path: 'about',
	component: screen(() => import('../features/settings/About'), 'About', 'settings', 'errors'),
});

const routes = root.addChildren([
	signIn,
	recover,
	register,
	reset,
	firstRun,
	helpIndex,
	helpPage,
	reached,
	member.addChildren([
		home.addChildren([nothingOpen, newConversation, newGroup, newGroupName, conversation, details]),
		verify,
		settings.addChildren([
			settingsIndex,
			profile,
			passphrase,
			recovery,
			forgotten,
			approval,
			people,
			devices,
			lock,
			appearance,
			messages,
			storage,
			invite,
			about,
		]),
	]),
]);

/** Makes the router; with a history of its own for each test. */
export function makeRouter(history?: RouterHistory) {
	return createRouter({ routeTree: routes, ...(history ? { history } : {}) });
}

declare module '@tanstack/react-router' {
	interface Register {
		router: ReturnType<typeof makeRouter>;
	}
}
