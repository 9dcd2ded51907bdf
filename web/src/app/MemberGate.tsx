import { Outlet } from '@tanstack/react-router';
import { Suspense } from 'react';
import { MemberShortcuts } from '../features/shortcuts/MemberShortcuts';
import { useApp } from './engine-context';
import { GoTo } from './GoTo';
import { Splash } from './Splash';
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
				{/* the router's own boundary shows nothing at all while something is on its way */}
				<Suspense fallback={<Splash />}>
					<Outlet />
				</Suspense>
				<Suspense>
					<MemberShortcuts />
				</Suspense>
			</>
		);
	}
	return <GoTo to={setUpNeeded ? '/start' : '/sign-in'} />;
}
