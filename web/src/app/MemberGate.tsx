import { Outlet } from '@tanstack/react-router';
import { useApp } from './engine-context';
import { Splash } from './Splash';

/** Lets through who is signed in; others come to the first run or to the sign-in. */
export function MemberGate() {
	const session = useApp((state) => state.session);
	if (session) return <Outlet />;
	return <Splash />;
}
