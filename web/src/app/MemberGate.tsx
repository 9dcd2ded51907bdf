import { Navigate, Outlet } from '@tanstack/react-router';
import { MemberShortcuts } from '../features/shortcuts/MemberShortcuts';
import { useApp } from './engine-context';
import { SignedOut } from './shell/SignedOut';

/** Lets through who is signed in; others come to the first run or to the sign-in. */
export function MemberGate() {
	const session = useApp((state) => state.session);
	const signedOut = useApp((state) => state.signedOut);
	const setUpNeeded = useApp((state) => state.server?.setUpNeeded ?? false);
	if (signedOut) return <SignedOut />;
	if (session) {
		return (
			<>
				<Outlet />
				<MemberShortcuts />
			</>
		);
	}
	return <Navigate to={setUpNeeded ? '/start' : '/sign-in'} replace />;
}
