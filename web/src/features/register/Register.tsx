import { Navigate, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { EntryLayout } from '../../app/EntryLayout';
import { useApp, useAppStore, useEngine } from '../../app/engine-context';
import { useFailureText } from '../../app/failures';
import type { Language } from '../../app/i18n';
import { useDeviceName } from '../../app/use-device-name';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { Checkbox } from '../../ui/checkbox/Checkbox';
import { Form } from '../../ui/form/Form';
import { Steps } from '../../ui/steps/Steps';
import { OfferLock } from '../app-lock/OfferLock';
import { InvitationNeeded } from './InvitationNeeded';
import { InvitedBy } from './InvitedBy';
import { NamesFields } from './NamesFields';
import { PassphraseChooser } from './PassphraseChooser';
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
	if (session && !link) return <Navigate to="/" replace />;
	if (session) return <InvitationNeeded model={model} reason="signedIn" />;
	if (invitation === 'none') return <InvitationNeeded model={model} reason="unreadable" />;
	if (refused) return <InvitationNeeded model={model} reason="refused" refusal={refused} />;
	if (!link && invitation === null) return <InvitationNeeded model={model} reason="missing" />;
	return step === 'names' ? <NamesStep model={model} /> : <PassphraseStep model={model} />;
}

function NamesStep({ model }: { model: RegisterModel }) {
	const { t } = useTranslation('entry');
	const say = useFailureText();
	const organisation = useApp((state) => state.server?.organisation);
	const { namesProblem, refusedName, invitation, inviter } = useStore(model);
	return (
		<EntryLayout
			above={<Steps current={1} total={2} />}
			title={organisation ? t('register.titleAt', { organisation }) : t('register.title')}
			lead={t('register.lead')}
		>
			{inviter && <InvitedBy inviter={inviter} />}
			<Form onSubmit={model.next}>
				<NamesFields model={model.account} problem={namesProblem} refused={refusedName && say(refusedName)} />
				<Button type="submit" kind="primary" wide>
					{t('next')}
				</Button>
			</Form>
			{invitation && invitation !== 'none' && <ServerWords info={invitation} />}
		</EntryLayout>
	);
}

function PassphraseStep({ model }: { model: RegisterModel }) {
	const { t } = useTranslation('entry');
	const say = useFailureText();
	const deviceName = useDeviceName();
	const { passphraseProblem, failure, busy, publicComputer } = useStore(model);
	return (
		<EntryLayout
			above={<Steps current={2} total={2} />}
			title={t('passphrase.title')}
			lead={t('passphrase.lead')}
		>
			<Form onSubmit={() => void model.finish(deviceName)}>
				<PassphraseChooser model={model.account} problem={passphraseProblem} />
				<Checkbox
					label={t('publicComputer.label')}
					hint={t('publicComputer.hint')}
					isSelected={publicComputer}
					onChange={model.setPublicComputer}
				/>
				{failure && (
					<Banner tone="bad" live="alert">
						{say(failure)}
					</Banner>
				)}
				<Button type="submit" kind="primary" wide isPending={busy}>
					{t('register.finish')}
				</Button>
				<p role="status" className="visually-hidden">
					{busy ? t('register.busy') : ''}
				</p>
				<Button kind="quiet" wide onPress={model.back} isDisabled={busy}>
					{t('back')}
				</Button>
			</Form>
		</EntryLayout>
	);
}
