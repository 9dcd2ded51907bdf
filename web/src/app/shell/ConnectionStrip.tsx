import { Link } from '@tanstack/react-router';
import { Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Connection } from '../../engine/contract';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { OfflineIcon, RefreshIcon } from '../../ui/icons';
import { useApp, useAppStore } from '../engine-context';
import { later, useSoon } from '../later';
import { useNow } from '../now';
import styles from './Strips.module.css';

/** Connections that come within this time are not worth a word. */
const PATIENCE = 2_000;
/** After this time without the server somebody may want to know what to look at. */
const LONG = 20_000;
/** The page of the server that is opened to see what the browser says of it; no copy of it is ever kept (`offline/service-worker.ts`). */
const SERVER_PAGE = '/reached';

const Unreached = later(
	() => import('../../features/trouble/Unreached').then((part) => part.Unreached),
	['trouble'],
);
/** Without the server it could not be loaded any more. */
const SOON = [Unreached];

/** How the connection is, where it is not as usual. */
export function ConnectionStrip() {
	const { t } = useTranslation('common');
	const connection = useApp((state) => state.connection);
	const { actions } = useAppStore();
	const ready = useApp((state) => state.phase.is === 'ready');
	const late = useLater(connection.is === 'connecting', PATIENCE);
	// each try is a connection that might come: only one that came ends it
	const long = useLater(connection.is === 'offline' || connection.is === 'connecting', LONG);
	useSoon(SOON);
	if (!ready) return null;
	if (connection.is === 'offline' || (connection.is === 'connecting' && long)) {
		return <OfflineStrip connection={connection} long={long} />;
	}
	if (connection.is === 'connecting' && late) {
		return (
			<Banner strip icon={<RefreshIcon />} live="status">
				{t('connection.connecting')}
			</Banner>
		);
	}
	if (connection.is === 'suspended') {
		return (
			<Banner
				strip
				tone="bad"
				live="status"
				action={
					<Button kind="quiet" onPress={() => actions.send({ do: 'retryNow' })}>
						{t('connection.tryNow')}
					</Button>
				}
			>
				{t('connection.suspended')}
			</Banner>
		);
	}
	if (connection.is !== 'readOnly') return null;
	return (
		<Banner strip tone="warn" live="status">
			{t('connection.readOnly')}
		</Banner>
	);
}

function OfflineStrip({ connection, long }: { connection: Connection; long: boolean }) {
	const { t } = useTranslation('common');
	const session = useApp((state) => state.session);
	const network = useNetwork();
	return (
		<Banner
			strip
			icon={<OfflineIcon />}
			live="status"
			action={
				<>
					{long && network && <WhatMayBe />}
					<Retry retryAt={connection.is === 'offline' ? connection.retryAt : null} />
				</>
			}
		>
			{session ? t('connection.offline') : t('connection.offlineEntry')}{' '}
			{long && !network && (
				<Link to="/help/$page" params={{ page: 'connection' }} className={styles.link}>
					{t('connection.whatToCheck')}
				</Link>
			)}
		</Banner>
	);
}

/** There is a network, and no server: off, elsewhere, or with a certificate that is not trusted. A page is not told which. */
function WhatMayBe() {
	const { t } = useTranslation('common');
	const [shown, setShown] = useState(false);
	const show = () =>
		Unreached.load().then(
			() => setShown(true),
			// it was not loaded in time: what the browser says of the server is the main thing in it
			() => void window.open(SERVER_PAGE, '_blank', 'noopener'),
		);
	return (
		<>
			<Button kind="quiet" onPress={() => void show()}>
				{t('connection.whatMayBe')}
			</Button>
			{shown && (
				<Suspense fallback={null}>
					<Unreached page={SERVER_PAGE} onClose={() => setShown(false)} />
				</Suspense>
			)}
		</>
	);
}

/** `retryAt`: when it is tried next; null: now. */
function Retry({ retryAt }: { retryAt: number | null }) {
	const { t } = useTranslation('common');
	const { actions } = useAppStore();
	const now = useNow(1_000);
	const seconds = retryAt === null ? 0 : Math.max(0, Math.ceil((retryAt - now) / 1_000));
	return (
		<>
			{/* counted for eyes only: nobody wants every second read aloud */}
			<span className={styles.count} aria-hidden="true">
				{seconds > 0 ? t('connection.retryIn', { count: seconds }) : t('connection.retrying')}
			</span>
			<Button kind="quiet" onPress={() => actions.send({ do: 'retryNow' })}>
				{t('connection.tryNow')}
			</Button>
		</>
	);
}

/** Whether the device is on a network at all, as far as the browser knows. */
function useNetwork(): boolean {
	const [network, setNetwork] = useState(navigator.onLine);
	useEffect(() => {
		const look = () => setNetwork(navigator.onLine);
		look();
		window.addEventListener('online', look);
		window.addEventListener('offline', look);
		return () => {
			window.removeEventListener('online', look);
			window.removeEventListener('offline', look);
		};
	}, []);
	return network;
}

/** True once something has been so for a while. */
function useLater(so: boolean, after: number): boolean {
	const [late, setLate] = useState(false);
	useEffect(() => {
		if (!so) return;
		const timer = setTimeout(() => setLate(true), after);
		return () => {
			clearTimeout(timer);
			setLate(false);
		};
	}, [so, after]);
	return late;
}
