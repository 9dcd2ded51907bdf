import { useNavigate } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { EntryLayout } from '../../app/EntryLayout';
import { useApp, useAppStore, useEngine } from '../../app/engine-context';
import { useFailureText } from '../../app/failures';
import { GoTo } from '../../app/GoTo';
import type { Language } from '../../app/language';
import { useSoon } from '../../app/later';
import { Button } from '../../ui/button/Button';
import { Form } from '../../ui/form/Form';
import { ButtonLink } from '../../ui/link/ButtonLink';
import { Steps } from '../../ui/steps/Steps';
import { TextField } from '../../ui/text-field/TextField';
import { OfferLock } from '../app-lock/OfferLock';
import { NamesForm, PassphraseForm } from '../register/AccountForms';
import { createFirstRunModel, type FirstRunModel } from './first-run-model';
import { InvitePanel } from './lazy';

const SOON = [InvitePanel];

/** From a new server to an organisation: its name, the first admin, the first invitations. */
export function FirstRun() {
	const { i18n } = useTranslation('entry');
	const engine = useEngine();
	const app = useAppStore();
	const session = useApp((state) => state.session);
	const server = useApp((state) => state.server);
	useSoon(SOON);
	const [model] = useState(() => createFirstRunModel(engine, app, i18n.language as Language));
	const step = useStore(model, (state) => state.step);
	const busy = useStore(model, (state) => state.busy);

	if (step === 'invite') return <InviteStep />;
	// not while it is being founded: then the session comes a moment before the last step
	if (session && !busy) return <GoTo to="/" />;
	if (server && !server.setUpNeeded && !busy) return <SetUpDone />;
	if (step === 'organisation') return <OrganisationStep model={model} />;
	if (step === 'names') return <NamesStep model={model} />;
	return <PassphraseStep model={model} />;
}

function SetUpDone() {
	const { t } = useTranslation('entry');
	return (
		<EntryLayout title={t('firstRun.doneTitle')} lead={t('firstRun.done')}>
			<ButtonLink to="/sign-in" kind="primary" wide>
				{t('signIn.title')}
			</ButtonLink>
		</EntryLayout>
	);
}

function OrganisationStep({ model }: { model: FirstRunModel }) {
	const { t } = useTranslation('entry');
	const say = useFailureText();
	const { organisation, code, missing, refusedCode } = useStore(model);
	const codeError = refusedCode ? say(refusedCode) : missing === 'code' ? t('firstRun.codeNeeded') : null;
	return (
		<EntryLayout
			above={<Steps current={1} total={3} />}
			title={t('firstRun.title')}
			lead={t('firstRun.lead')}
		>
			<Form onSubmit={model.next}>
				<TextField
					label={t('firstRun.organisation')}
					hint={t('firstRun.organisationHint')}
					value={organisation}
					onChange={model.setOrganisation}
					error={missing === 'organisation' ? t('firstRun.organisationNeeded') : null}
					autoComplete="organization"
					maxLength={80}
				/>
				<TextField
					label={t('firstRun.code')}
					hint={t('firstRun.codeHint')}
					value={code}
					onChange={model.setCode}
					error={codeError}
					autoComplete="off"
					exact
					mono
				/>
				<Button type="submit" kind="primary" wide>
					{t('next')}
				</Button>
			</Form>
		</EntryLayout>
	);
}

function NamesStep({ model }: { model: FirstRunModel }) {
	const { t } = useTranslation('entry');
	return (
		<EntryLayout
			above={<Steps current={2} total={3} />}
			title={t('firstRun.adminTitle')}
			lead={t('firstRun.adminLead')}
		>
			<NamesForm model={model} state={useStore(model)} canGoBack />
		</EntryLayout>
	);
}

function PassphraseStep({ model }: { model: FirstRunModel }) {
	const { t } = useTranslation('entry');
	return (
		<EntryLayout
			above={<Steps current={2} total={3} />}
			title={t('passphrase.title')}
			lead={t('passphrase.lead')}
		>
			<PassphraseForm model={model} state={useStore(model)} finish={t('firstRun.finish')} />
		</EntryLayout>
	);
}

function InviteStep() {
	const { t } = useTranslation('entry');
	const navigate = useNavigate();
	return (
		<OfferLock
			onDone={() => void navigate({ to: '/', replace: true })}
			step={{
				above: <Steps current={3} total={3} />,
				title: t('invite.title'),
				lead: t('invite.lead'),
				children: (
					<Suspense>
						<InvitePanel />
					</Suspense>
				),
			}}
		/>
	);
}
