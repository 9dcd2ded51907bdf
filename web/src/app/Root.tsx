import { Outlet } from '@tanstack/react-router';
import { Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Toasts } from '../ui/toast/Toasts';
import { useApp } from './engine-context';
import styles from './Root.module.css';
import { Splash } from './Splash';

/** The frame around every screen. */
export function Root() {
	const { t } = useTranslation('common');
	const phase = useApp((state) => state.phase);
	return (
		<div className={styles.root}>
			<button type="button" className={styles.skip} onClick={focusMain}>
				{t('skipToContent')}
			</button>
			<div className={styles.screen}>
				<Suspense fallback={<Splash />}>{phase.is === 'ready' ? <Outlet /> : <Splash />}</Suspense>
			</div>
			<Toasts />
		</div>
	);
}

/** Moves the focus to what the screen is about. */
function focusMain(): void {
	const main = document.getElementById('main');
	main?.setAttribute('tabindex', '-1');
	main?.focus();
}
