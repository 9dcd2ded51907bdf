import { lazy } from 'react';
import { useApp } from '../engine-context';
import { later } from '../later';

const SignInNotices = lazy(async () => ({
	default: (await import('../../features/people-security/SignInNotices')).SignInNotices,
}));
const Approval = later(
	() => import('../../features/people-security/Approval').then((part) => part.Approval),
	['settings'],
);
const IdentityChanged = lazy(async () => ({
	default: (await import('../../features/people-security/IdentityChanged')).IdentityChanged,
}));

/** What interrupts whatever screen one is on: a sign-in elsewhere, or one that waits, a changed identity. */
export function Watch() {
	const open = useApp((state) => state.session !== null && state.phase.is === 'ready');
	const notices = useApp((state) => state.noticesShown && state.notices.length > 0);
	const member = useApp((state) => state.identityChanged[0]);
	const approval = useApp(
		(state) =>
			state.refused !== null || state.approvals.waiting.some((one) => one.device === state.approvalShown),
	);
	if (!open) return null;
	if (approval) return <Approval />;
	if (notices) return <SignInNotices />;
	if (member) return <IdentityChanged key={member} member={member} />;
	return null;
}
