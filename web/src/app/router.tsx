import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { MemberGate } from './MemberGate';
import { Root } from './Root';

const root = createRootRoute({ component: Root });

const signIn = createRoute({
	getParentRoute: () => root,
	path: '/sign-in',
	component: lazyRouteComponent(() => import('../features/sign-in/SignIn'), 'SignIn'),
});

/** Everything below it needs somebody signed in. */
const member = createRoute({ getParentRoute: () => root, id: 'member', component: MemberGate });

/** One screen for all of these: list, timeline and details side by side, or one at a time on a phone. */
const home = createRoute({
	getParentRoute: () => member,
	id: 'home',
	component: lazyRouteComponent(() => import('../features/home/Home'), 'Home'),
});
const nothingOpen = createRoute({ getParentRoute: () => home, path: '/' });
const newConversation = createRoute({ getParentRoute: () => home, path: '/new' });
const conversation = createRoute({ getParentRoute: () => home, path: '/c/$conversation' });
const details = createRoute({ getParentRoute: () => home, path: '/c/$conversation/details' });

const routes = root.addChildren([
	signIn,
	member.addChildren([home.addChildren([nothingOpen, newConversation, conversation, details])]),
]);

/** Makes the router; a new one for each test. */
export function makeRouter() {
	return createRouter({ routeTree: routes, defaultPreload: false, scrollRestoration: false });
}

declare module '@tanstack/react-router' {
	interface Register {
		router: ReturnType<typeof makeRouter>;
	}
}
