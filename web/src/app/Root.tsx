import { Outlet, useRouterState } from '@tanstack/react-router';
import { Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Locked } from '../features/app-lock/lazy';
import { Toasts } from '../ui/toast/Toasts';
import { useApp } from './engine-context';
import { later } from './later';
import styles from './Root.module.css';
import { Splash } from './Splash';
import { Dead } from './shell/Dead';
import { OpenFailed } from './shell/OpenFailed';
import { Strips } from './shell/Strips';
import { TabTitle } from './shell/TabTitle';
import { Unsupported } from './shell/Unsupported';
import { Watch } from './shell/Watch';
import { rememberedHere } from './theme';

/** Seldom seen: loaded when it is. */
const OtherBuild = later(
	() => import('../features/trouble/OtherBuild').then((part) => part.OtherBuild),
	['trouble'],
);

/** The frame around every screen. */
export function Root() {
	const { t } = useTranslation('common');
	return (
		<div className={styles.root}>
			<TabTitle />
			<button type="button" className={styles.skip} onClick={focusMain}>
				{t('skipToContent')}
			</button>
			<Strips />
			<div className={styles.screen}>
				<Suspense fallback={<Splash />}>
					<Screen />
				</Suspense>
			</div>
			<Suspense>
				<Watch />
			</Suspense>
			<Toasts />
		</div>
	);
}

/** What the state of the app lets be seen. */
function Screen() {
	const phase = useApp((state) => state.phase);
	const health = useApp((state) => state.health);
	const path = useRouterState({ select: (state) => state.location.pathname });
	// help is of use exactly when something else does not work
	if (path.startsWith('/help')) return <Outlet />;
	if (health?.is === 'dead') return <Dead message={health.message} />;
	if (health?.is === 'otherBuild') return <OtherBuild own={health.own} />;
	if (health?.is === 'unsupported') return <Unsupported lacks={health.lacks} />;
	switch (phase.is) {
		case 'locked':
			return <Locked wrong={phase.wrong} />;
		case 'failed':
			return <OpenFailed failure={phase.failure} />;
		case 'starting':
			// nobody was signed in here: the forms can be filled in while the engine opens
			return rememberedHere() ? <Splash /> : <Outlet />;
		case 'ready':
			return <Outlet />;
	}
}

/** Moves the focus to what the screen is about. */
function focusMain(): void {
	const main = document.getElementById('main');
	main?.setAttribute('tabindex', '-1');
	main?.focus();
}
