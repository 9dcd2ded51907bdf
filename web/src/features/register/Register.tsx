import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { EntryLayout } from '../../app/EntryLayout';
import { useApp, useAppStore, useEngine } from '../../app/engine-context';
import { GoTo } from '../../app/GoTo';
import type { Language } from '../../app/language';
import { Skeleton } from '../../ui/skeleton/Skeleton';
import { Steps } from '../../ui/steps/Steps';
import { OfferLock } from '../app-lock/OfferLock';
import { isolate } from '../timeline/model/clean';
import { NamesForm, PassphraseForm } from './AccountForms';
import { InvitationNeeded } from './InvitationNeeded';
import { InvitedBy, InvitedBySoon } from './InvitedBy';
import { PublicComputer } from './PublicComputer';
import { createRegisterModel, type RegisterModel } from './register-model';
import { ServerWords } from './ServerWords';

/** Becoming a member with an invitation. */
export function Register() {
	const { i18n } = useTranslation('entry');
	const engine = useEngine();
	const app = useAppStore();
	const navigate = useNavigate();
	const link = useApp((state) => state.arrival.invitation);
	const session = useApp((state) => state.session);
	const [model] = useState(() => createRegisterModel(engine, app, i18n.language as Language));
	const step = useStore(model, (state) => state.step);
	const invitation = useStore(model, (state) => state.invitation);
	const refused = useStore(model, (state) => state.refused);
	useEffect(() => {
		if (link) void model.read(link);
	}, [model, link]);

	if (step === 'lock') return <OfferLock onDone={() => void navigate({ to: '/', replace: true })} />;
	if (session && !link) return <GoTo to="/" />;
	if (session) return <InvitationNeeded model={model} reason="signedIn" />;
	if (invitation === 'none') return <InvitationNeeded model={model} reason="unreadable" />;
	if (refused) return <InvitationNeeded model={model} reason="refused" refusal={refused} />;
	if (!link && invitation === null) return <InvitationNeeded model={model} reason="missing" />;
	return step === 'names' ? <NamesStep model={model} /> : <PassphraseStep model={model} />;
}

function NamesStep({ model }: { model: RegisterModel }) {
	const { t } = useTranslation('entry');
	const organisation = useApp((state) => state.server?.organisation);
	const state = useStore(model);
	const { invitation, inviter } = state;
	return (
		<EntryLayout
			above={<Steps current={1} total={2} />}
			title={
				organisation ? t('register.titleAt', { organisation: isolate(organisation) }) : t('register.title')
			}
			lead={t('register.lead')}
		>
			{inviter ? <InvitedBy inviter={inviter} /> : <InvitedBySoon />}
			<NamesForm model={model} state={state} />
			{invitation && invitation !== 'none' ? (
				<ServerWords info={invitation} />
			) : (
				<Skeleton width="16rem" height="var(--target)" />
			)}
		</EntryLayout>
	);
}

function PassphraseStep({ model }: { model: RegisterModel }) {
	const { t } = useTranslation('entry');
	const state = useStore(model);
	return (
		<EntryLayout
			above={<Steps current={2} total={2} />}
			title={t('passphrase.title')}
			lead={t('passphrase.lead')}
		>
			<PassphraseForm model={model} state={state} finish={t('register.finish')}>
				<PublicComputer chosen={state.publicComputer} onChange={model.setPublicComputer} />
			</PassphraseForm>
		</EntryLayout>
	);
}
