import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { EntryLayout } from '../../app/EntryLayout';
import { useApp, useAppStore, useEngine } from '../../app/engine-context';
import { FailureBanner } from '../../app/FailureBanner';
import { useFailureText } from '../../app/failures';
import { useFormat } from '../../app/format';
import { GoTo } from '../../app/GoTo';
import type { Language } from '../../app/language';
import { useDeviceName } from '../../app/use-device-name';
import type { Failure, ResetFor } from '../../engine/contract';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { Form } from '../../ui/form/Form';
import { ButtonLink } from '../../ui/link/ButtonLink';
import { TextField } from '../../ui/text-field/TextField';
import { OfferLock } from '../app-lock/OfferLock';
import { PassphraseChooser } from '../register/PassphraseChooser';
import { PublicComputer } from '../register/PublicComputer';
import { isolate } from '../timeline/model/clean';
import { createResetModel, type ResetModel } from './reset-model';

/** Beginning anew by a link that an admin has handed over. */
export function Reset() {
	const { i18n } = useTranslation('entry');
	const engine = useEngine();
	const app = useAppStore();
	const navigate = useNavigate();
	const link = useApp((state) => state.arrival.reset);
	const session = useApp((state) => state.session);
	const [model] = useState(() => createResetModel(engine, app, i18n.language as Language));
	const { done, refused, member } = useStore(model);
	useEffect(() => {
		if (link) void model.read(link);
	}, [model, link]);

	if (done) return <OfferLock onDone={() => void navigate({ to: '/', replace: true })} />;
	if (session && !link) return <GoTo to="/" />;
	if (session) return <SignedInAlready />;
	if (refused || (!link && member === null)) return <LinkNeeded model={model} refusal={refused} />;
	return <Choose model={model} member={member} />;
}

function SignedInAlready() {
	const { t } = useTranslation('entry');
	return (
		<EntryLayout title={t('reset.signedInTitle')} lead={t('reset.signedIn')}>
			<ButtonLink to="/" kind="primary" wide>
				{t('invitation.toConversations')}
			</ButtonLink>
		</EntryLayout>
	);
}

/** Where a link is pasted that could not be opened, was opened incompletely, or is of no use any more. */
function LinkNeeded({ model, refusal }: { model: ResetModel; refusal: Failure | null }) {
	const { t } = useTranslation('entry');
	const say = useFailureText();
	const [link, setLink] = useState('');
	return (
		<EntryLayout
			title={t('reset.title')}
			lead={t('reset.needed')}
			below={<Link to="/sign-in">{t('recover.toSignIn')}</Link>}
		>
			<Form onSubmit={() => void model.read(link)}>
				{refusal && (
					<Banner tone="bad" live="alert">
						{say(refusal)}
					</Banner>
				)}
				<TextField label={t('reset.link')} value={link} onChange={setLink} autoComplete="off" exact mono />
				<Button type="submit" kind="primary" wide>
					{t('next')}
				</Button>
			</Form>
		</EntryLayout>
	);
}

function Choose({ model, member }: { model: ResetModel; member: ResetFor | null }) {
	const { t } = useTranslation('entry');
	const deviceName = useDeviceName();
	const { problem, failure, busy, publicComputer } = useStore(model);
	return (
		<EntryLayout title={t('reset.title')} lead={t('reset.lead')}>
			{member && <For member={member} />}
			<Form onSubmit={() => void model.submit(deviceName)}>
				<PassphraseChooser model={model.chooser} problem={problem} />
				<PublicComputer chosen={publicComputer} onChange={model.setPublicComputer} />
				<FailureBanner failure={failure} />
				<Button type="submit" kind="primary" wide isPending={busy} isDisabled={member === null}>
					{t('reset.submit')}
				</Button>
				<p role="status" className="visually-hidden">
					{busy ? t('register.busy') : ''}
				</p>
			</Form>
		</EntryLayout>
	);
}

/** Whom it is for, as the server says. */
function For({ member }: { member: ResetFor }) {
	const { t } = useTranslation('entry');
	const format = useFormat();
	const { displayName, loginName, expires } = member;
	return (
		<Banner live="status">
			<strong>{t('reset.for', { name: isolate(displayName), login: isolate(loginName) })}</strong>
			<br />
			{t('register.expires', { time: format.dateTime(expires) })}
		</Banner>
	);
}
