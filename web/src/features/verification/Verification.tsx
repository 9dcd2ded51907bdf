import { useParams, useRouter } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { useApp, useAppStore, useEngine } from '../../app/engine-context';
import { FailureBanner } from '../../app/FailureBanner';
import { findPerson } from '../../app/people';
import type { IdentityChange } from '../../engine/contract';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { IconButton } from '../../ui/button/IconButton';
import { ConfirmButton } from '../../ui/confirm/ConfirmButton';
import { BackIcon, CameraIcon, CheckIcon, VerifiedIcon } from '../../ui/icons';
import { Page, Section } from '../../ui/page/Page';
import { QrCode } from '../../ui/qr/QrCode';
import { Skeleton } from '../../ui/skeleton/Skeleton';
import { isolate } from '../timeline/model/clean';
import { Scanner } from './Scanner';
import styles from './Verification.module.css';
import { createVerificationModel, groups, type VerificationModel } from './verification-model';

/** Comparing safety numbers with somebody, by eye or by camera. */
export function Verification() {
	const { t } = useTranslation('safety');
	const { t: common } = useTranslation('common');
	const { member } = useParams({ from: '/member/verify/$member' });
	const router = useRouter();
	const engine = useEngine();
	const app = useAppStore();
	const person = useApp((state) => findPerson(state, member));
	const [model] = useState(() => createVerificationModel(engine, app, member));
	const unknown = useStore(model, (state) => state.unknown);
	const unread = useStore(model, (state) => state.unread);
	const scanning = useStore(model, (state) => state.scanning);
	const result = useStore(model, (state) => state.result);
	const differs = useStore(model, (state) => state.differs);
	const failure = useStore(model, (state) => state.failure);
	const verified = person?.verified ?? false;
	// the number is that of the identity that is offered now: whatever is told of this person may change it
	// biome-ignore lint/correctness/useExhaustiveDependencies: loaded anew with each change of the person
	useEffect(() => void model.load(), [model, person]);

	const name = isolate(person?.displayName ?? t('somebody'));
	return (
		<Page
			title={t('title', { name })}
			lead={t('lead', { name })}
			back={
				<IconButton label={common('back')} onPress={() => router.history.back()}>
					<BackIcon />
				</IconButton>
			}
		>
			{person?.identityChanged && (
				<ChangedBanner name={name} model={model} cause={person.change ?? 'unknown'} />
			)}
			{verified && !differs && <VerifiedBanner name={name} model={model} found={result === 'match'} />}
			<FailureBanner failure={failure} />
			{unknown ? (
				<Banner tone="warn">{t('unknown', { name })}</Banner>
			) : unread ? (
				<Banner
					tone="warn"
					live="alert"
					action={
						<Button kind="quiet" onPress={() => void model.load()}>
							{t('unread.again')}
						</Button>
					}
				>
					{t('unread.words')}
				</Banner>
			) : scanning ? (
				<Scanner onCode={(code) => void model.scanned(code)} onCancel={model.stopScan} />
			) : (
				<>
					{result && !(result === 'match' && verified) && <Result model={model} name={name} />}
					<Compare model={model} name={name} />
				</>
			)}
			{/* of keys that were just found to be others nobody says that they are the same */}
			{!unknown && !unread && !scanning && !verified && !differs && <MarkSection name={name} model={model} />}
		</Page>
	);
}

interface ChangedBannerProps {
	name: string;
	model: VerificationModel;
	cause: IdentityChange;
}

function ChangedBanner({ name, model, cause }: ChangedBannerProps) {
	const { t } = useTranslation('safety');
	const differs = useStore(model, (state) => state.differs);
	return (
		<Banner
			tone="bad"
			action={
				!differs && (
					<ConfirmButton
						kind="quiet"
						label={t('changed.accept')}
						question={t('changed.acceptQuestion')}
						onConfirm={() => void model.acceptIdentity()}
					/>
				)
			}
		>
			{t(`changed.${cause}.here`, { name })}
		</Banner>
	);
}

const TONES = {
	match: 'good',
	mismatch: 'bad',
	notASafetyCode: 'warn',
	otherPerson: 'warn',
	unanswered: 'warn',
} as const;

function Result({ model, name }: { model: VerificationModel; name: string }) {
	const { t } = useTranslation('safety');
	const result = useStore(model, (state) => state.result);
	const said = useRef<HTMLDivElement>(null);
	// the camera was far below: nobody may miss what it has found
	useEffect(() => {
		if (result) said.current?.scrollIntoView({ block: 'center' });
	}, [result]);
	if (!result) return null;
	return (
		<div ref={said}>
			<Banner
				tone={TONES[result]}
				live="alert"
				action={
					result !== 'match' && (
						<Button kind="quiet" onPress={model.startScan}>
							{t('scan.again')}
						</Button>
					)
				}
			>
				{t(`result.${result}`, { name })}
			</Banner>
		</div>
	);
}

function Compare({ model, name }: { model: VerificationModel; name: string }) {
	const { t } = useTranslation('safety');
	const number = useStore(model, (state) => state.number);
	const code = useStore(model, (state) => state.code);
	return (
		<>
			<Section title={t('number.title')} lead={t('number.how', { name })}>
				{number ? (
					<ol className={styles.number} aria-label={t('number.title')}>
						{groups(number).map((group, index) => (
							// biome-ignore lint/suspicious/noArrayIndexKey: they never move, and may be alike
							<li key={index}>{group}</li>
						))}
					</ol>
				) : (
					<Skeleton height="9rem" />
				)}
			</Section>
			<Section title={t('qr.title')} lead={t('qr.how', { name })}>
				<div className={styles.code}>
					{code ? <QrCode content={code} label={t('qr.label')} /> : <Skeleton width="15rem" height="15rem" />}
				</div>
				<div>
					<Button onPress={model.startScan}>
						<CameraIcon />
						{t('scan.start', { name })}
					</Button>
				</div>
			</Section>
		</>
	);
}

/** How it stands with this person: it is the first thing that one wants to know here. */
function VerifiedBanner({ name, model, found }: { name: string; model: VerificationModel; found: boolean }) {
	const { t } = useTranslation('safety');
	const said = useRef<HTMLDivElement>(null);
	// the camera that has found it was far below
	useEffect(() => {
		if (found) said.current?.scrollIntoView({ block: 'center' });
	}, [found]);
	return (
		<div ref={said}>
			<Banner
				tone="good"
				icon={<VerifiedIcon />}
				live="status"
				action={
					<Button kind="quiet" onPress={() => void model.setVerified(false)}>
						{t('mark.remove')}
					</Button>
				}
			>
				{found && `${t('result.match', { name })} `}
				{t('mark.verified', { name })}
			</Banner>
		</div>
	);
}

function MarkSection({ name, model }: { name: string; model: VerificationModel }) {
	const { t } = useTranslation('safety');
	return (
		<Section title={t('mark.title')} lead={t('mark.explain', { name })}>
			<div>
				<Button kind="primary" onPress={() => void model.setVerified(true)}>
					<CheckIcon />
					{t('mark.set')}
				</Button>
			</div>
		</Section>
	);
}
