import { Link, useRouterState } from '@tanstack/react-router';
import { Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isStoreFailure } from '../../engine/contract';
import { isolate } from '../../features/timeline/model/clean';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { RefreshIcon } from '../../ui/icons';
import { useClockDifference } from '../clock';
import { useApp, useAppStore } from '../engine-context';
import { useFailureText } from '../failures';
import { later } from '../later';
import { useNewerBuild } from '../newer-build';
import { isLoud } from '../state';
import { ConnectionStrip } from './ConnectionStrip';
import styles from './Strips.module.css';

/** Quiet lines above every screen that say how things are. When all is well there are none. */
export function Strips() {
	// what is of the person stays behind the app lock
	const open = useApp((state) => state.phase.is === 'ready');
	return (
		<div className={styles.strips}>
			<NewerBuildStrip />
			<HealthStrip />
			{open && <ClearedStrip />}
			<ConnectionStrip />
			<MemoryStrip />
			<ClockStrip />
			<TroubleStrip />
			{open && <NoticesStrip />}
			{open && <WaysStrip />}
		</div>
	);
}

const Cleared = later(
	() => import('../../features/trouble/Cleared').then((part) => part.Cleared),
	['trouble'],
);

function ClearedStrip() {
	const cleared = useApp((state) => state.cleared);
	if (!cleared) return null;
	return (
		<Suspense fallback={null}>
			<Cleared unsent={cleared.unsent} />
		</Suspense>
	);
}

const WaysStrips = later(
	() => import('../../features/settings/WaysStrips').then((part) => part.WaysStrips),
	['settings'],
);

/** There is seldom something to say of passphrase and recovery code: what says it is loaded then. */
function WaysStrip() {
	const changed = useApp((state) => state.passphraseChanged ?? state.recoveryChanged);
	const wanted = useApp((state) => state.recovery.remind || state.recovery.passphraseWanted);
	const forgotten = useApp((state) => state.forgotten !== null || state.forgottenOthers.length > 0);
	const waiting = useApp((state) => state.approvals.waiting.length > 0);
	if (changed === null && !wanted && !forgotten && !waiting) return null;
	return (
		<Suspense fallback={null}>
			<WaysStrips />
		</Suspense>
	);
}

/** What is typed here is kept by nothing: a message that is begun is a draft, these are not. */
const FORMS = /^\/(i|r|start|sign-in|recover|settings\/(passphrase|forgotten|recovery|profile|lock))$/;

/** The server was updated: what is here goes on, but its parts may be gone. */
function NewerBuildStrip() {
	const { t } = useTranslation('common');
	const online = useApp((state) => state.connection.is === 'online');
	const inMemory = useApp((state) => state.session?.inMemory ?? false);
	const path = useRouterState({ select: (state) => state.location.pathname });
	if (!useNewerBuild(online)) return null;
	return (
		<Banner
			strip
			icon={<RefreshIcon />}
			live="status"
			action={
				<Button kind="quiet" onPress={() => window.location.reload()}>
					{t('health.reload')}
				</Button>
			}
		>
			{t(`newerBuild.${inMemory ? 'memory' : FORMS.test(path) ? 'lost' : 'kept'}`)}
		</Banner>
	);
}

function HealthStrip() {
	const { t } = useTranslation('common');
	const health = useApp((state) => state.health);
	const [closed, setClosed] = useState(false);
	if (health?.is === 'restarting') {
		return (
			<Banner strip icon={<RefreshIcon />} live="status">
				{t('health.restarting')}
			</Banner>
		);
	}
	if (health?.is !== 'following' || closed) return null;
	return (
		<Banner
			strip
			live="status"
			action={
				<Button kind="quiet" onPress={() => setClosed(true)}>
					{t('close')}
				</Button>
			}
		>
			{t('health.following')}
		</Banner>
	);
}

function MemoryStrip() {
	const { t } = useTranslation('common');
	const unsupported = useApp((state) => state.storage.why === 'unsupported');
	const [closed, setClosed] = useState(false);
	if (!unsupported || closed) return null;
	return (
		<Banner
			strip
			tone="warn"
			live="status"
			action={
				<Button kind="quiet" onPress={() => setClosed(true)}>
					{t('close')}
				</Button>
			}
		>
			{t('memory.unsupported')}{' '}
			<Link to="/help/$page" params={{ page: 'browser' }} className={styles.link}>
				{t('browserHelp')}
			</Link>
		</Banner>
	);
}

const ClockWrong = later(
	() => import('../../features/trouble/ClockWrong').then((part) => part.ClockWrong),
	[],
);

function ClockStrip() {
	const online = useApp((state) => state.connection.is === 'online');
	const difference = useClockDifference(online);
	const [closed, setClosed] = useState(false);
	const right = difference === null;
	// told once; and anew where it was set right and is wrong again
	useEffect(() => {
		if (right) setClosed(false);
	}, [right]);
	if (right || closed) return null;
	return (
		<Suspense fallback={null}>
			<ClockWrong difference={difference} onClose={() => setClosed(true)} />
		</Suspense>
	);
}

function TroubleStrip() {
	const { t } = useTranslation('common');
	const say = useFailureText();
	const trouble = useApp((state) => state.trouble);
	const { actions } = useAppStore();
	if (!trouble) return null;
	// nothing is sent or received until what is kept could be opened again: that line does not go by itself
	const stopped = isStoreFailure(trouble);
	return (
		<Banner
			strip
			tone="bad"
			live="alert"
			action={
				<>
					{trouble.is === 'storeFull' && <Link to="/settings/storage">{t('trouble.storage')}</Link>}
					{stopped ? (
						<Button kind="quiet" onPress={() => void actions.restart()}>
							{t('trouble.again')}
						</Button>
					) : (
						<Button kind="quiet" onPress={actions.forgetTrouble}>
							{t('close')}
						</Button>
					)}
				</>
			}
		>
			{say(trouble)}
		</Banner>
	);
}

function NoticesStrip() {
	const { t } = useTranslation('common');
	const notices = useApp((state) => state.notices);
	const loud = useApp(isLoud);
	const { actions } = useAppStore();
	const newest = notices[notices.length - 1];
	if (!newest || !loud) return null;
	return (
		<Banner
			strip
			tone="bad"
			live="alert"
			action={
				<Button kind="quiet" onPress={() => actions.showNotices(true)}>
					{t('notices.look')}
				</Button>
			}
		>
			{t('notices.banner', { count: notices.length, name: isolate(newest.name) })}
		</Banner>
	);
}
