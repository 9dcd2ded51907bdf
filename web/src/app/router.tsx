import {
	createRootRoute,
	createRoute,
	createRouter,
	lazyRouteComponent,
	type RouterHistory,
} from '@tanstack/react-router';
import { MemberGate } from './MemberGate';
import { Root } from './Root';
import { Broken } from './shell/Broken';
import { NotFound } from './shell/NotFound';

const root = createRootRoute({ component: Root, notFoundComponent: NotFound, errorComponent: Broken });

// ---- before anybody is signed in

const signIn = createRoute({
	getParentRoute: () => root,
	path: '/sign-in',
	component: lazyRouteComponent(() => import('../features/sign-in/SignIn'), 'SignIn'),
});
const recover = createRoute({
	getParentRoute: () => root,
	path: '/recover',
	component: lazyRouteComponent(() => import('../features/sign-in/SignIn'), 'Recover'),
});
const register = createRoute({
	getParentRoute: () => root,
	path: '/i',
	component: lazyRouteComponent(() => import('../features/register/Register'), 'Register'),
});
const reset = createRoute({
	getParentRoute: () => root,
	path: '/r',
	component: lazyRouteComponent(() => import('../features/reset/Reset'), 'Reset'),
});
const firstRun = createRoute({
	getParentRoute: () => root,
	path: '/start',
	component: lazyRouteComponent(() => import('../features/first-run/FirstRun'), 'FirstRun'),
});

// ---- help, for everybody

const helpIndex = createRoute({
	getParentRoute: () => root,
	path: '/help',
	component: lazyRouteComponent(() => import('../features/help/Help'), 'HelpIndex'),
});
const helpPage = createRoute({
	getParentRoute: () => root,
	path: '/help/$page',
	component: lazyRouteComponent(() => import('../features/help/Help'), 'HelpPage'),
});

// ---- everything below needs somebody signed in

const member = createRoute({ getParentRoute: () => root, id: 'member', component: MemberGate });

/** One screen for all of these: list, timeline and details side by side, or one at a time on a phone. */
const home = createRoute({
	getParentRoute: () => member,
	id: 'home',
	component: lazyRouteComponent(() => import('../features/home/Home'), 'Home'),
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
	component: lazyRouteComponent(() => import('../features/verification/Verification'), 'Verification'),
});

const settings = createRoute({
	getParentRoute: () => member,
	path: '/settings',
	component: lazyRouteComponent(() => import('../features/settings/SettingsLayout'), 'SettingsLayout'),
});
const settingsIndex = createRoute({
	getParentRoute: () => settings,
	path: '/',
	component: lazyRouteComponent(() => import('../features/settings/SettingsIndex'), 'SettingsIndex'),
});
const profile = createRoute({
	getParentRoute: () => settings,
	path: 'profile',
	component: lazyRouteComponent(() => import('../features/settings/Profile'), 'Profile'),
});
const passphrase = createRoute({
	getParentRoute: () => settings,
	path: 'passphrase',
	validateSearch: (search: Record<string, unknown>): { known?: boolean } =>
		search.known === true ? { known: true } : {},
	component: lazyRouteComponent(() => import('../features/settings/Passphrase'), 'Passphrase'),
});
const recovery = createRoute({
	getParentRoute: () => settings,
	path: 'recovery',
	component: lazyRouteComponent(() => import('../features/settings/Recovery'), 'Recovery'),
});
const forgotten = createRoute({
	getParentRoute: () => settings,
	path: 'forgotten',
	component: lazyRouteComponent(() => import('../features/settings/Forgotten'), 'Forgotten'),
});
const approval = createRoute({
	getParentRoute: () => settings,
	path: 'approval',
	component: lazyRouteComponent(() => import('../features/settings/Approval'), 'Approval'),
});
const people = createRoute({
	getParentRoute: () => settings,
	path: 'people',
	component: lazyRouteComponent(() => import('../features/settings/People'), 'People'),
});
const devices = createRoute({
	getParentRoute: () => settings,
	path: 'devices',
	component: lazyRouteComponent(() => import('../features/devices/Devices'), 'Devices'),
});
const lock = createRoute({
	getParentRoute: () => settings,
	path: 'lock',
	component: lazyRouteComponent(() => import('../features/settings/Lock'), 'Lock'),
});
const appearance = createRoute({
	getParentRoute: () => settings,
	path: 'appearance',
	component: lazyRouteComponent(() => import('../features/settings/Appearance'), 'Appearance'),
});
const messages = createRoute({
	getParentRoute: () => settings,
	path: 'messages',
	component: lazyRouteComponent(() => import('../features/settings/Messages'), 'Messages'),
});
const storage = createRoute({
	getParentRoute: () => settings,
	path: 'storage',
	component: lazyRouteComponent(() => import('../features/settings/Storage'), 'Storage'),
});
const invite = createRoute({
	getParentRoute: () => settings,
	path: 'invite',
	component: lazyRouteComponent(() => import('../features/settings/Invite'), 'Invite'),
});
const about = createRoute({
	getParentRoute: () => settings,
	path: 'about',
	component: lazyRouteComponent(() => import('../features/settings/About'), 'About'),
});

const routes = root.addChildren([
	signIn,
	recover,
	register,
	reset,
	firstRun,
	helpIndex,
	helpPage,
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
