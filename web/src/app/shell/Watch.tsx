import { lazy } from 'react';
import { useApp } from '../engine-context';

const SignInNotices = lazy(async () => ({
	default: (await import('../../features/people-security/SignInNotices')).SignInNotices,
}));
const IdentityChanged = lazy(async () => ({
	default: (await import('../../features/people-security/IdentityChanged')).IdentityChanged,
}));

/** What interrupts whatever screen one is on: a sign-in elsewhere, a changed identity. */
export function Watch() {
	const open = useApp((state) => state.session !== null && state.phase.is === 'ready');
	const notices = useApp((state) => state.noticesShown && state.notices.length > 0);
	const member = useApp((state) => state.identityChanged);
	if (!open) return null;
	if (notices) return <SignInNotices />;
	if (member) return <IdentityChanged key={member} member={member} />;
	return null;
}
