import { Link } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { EntryLayout } from '../../app/EntryLayout';
import { useApp, useAppStore } from '../../app/engine-context';
import { FailureBanner } from '../../app/FailureBanner';
import { GoTo } from '../../app/GoTo';
import { later } from '../../app/later';
import { useDeviceName } from '../../app/use-device-name';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { ConfirmButton } from '../../ui/confirm/ConfirmButton';
import { Form } from '../../ui/form/Form';
import { TextField } from '../../ui/text-field/TextField';
import { PublicComputer } from '../register/PublicComputer';
import { isolate } from '../timeline/model/clean';
import styles from './SignIn.module.css';
import { createSignInModel, type SignInModel } from './sign-in-model';

export { Recover } from './Recover';

/** Seldom seen: loaded when it is. */
const Waits = later(() => import('./Waits').then((part) => part.Waits), ['entry']);

/** Name and passphrase: all that is needed to be back. */
export function SignIn() {
	const { t } = useTranslation('entry');
	const app = useAppStore();
	const session = useApp((state) => state.session);
	const signedOut = useApp((state) => state.signedOut);
	const leftUntold = useApp((state) => state.leftUntold);
	const setUpNeeded = useApp((state) => state.server?.setUpNeeded ?? false);
	const waits = useApp((state) => state.waits);
	const [model] = useState(() => createSignInModel(app));

	if (session && !signedOut) return <GoTo to="/" />;
	if (setUpNeeded) return <GoTo to="/start" />;
	if (waits && !waits.letIn) {
		return (
			<EntryLayout title={t('waits.title')} lead={t('waits.lead')}>
				<Suspense fallback={null}>
					<Waits approval={waits} onCancel={model.cancel} />
				</Suspense>
			</EntryLayout>
		);
	}
	return (
		<EntryLayout
			title={t('signIn.title')}
			lead={<Lead />}
			below={
				<>
					<p>
						{t('signIn.noAccount')} <Link to="/i">{t('signIn.useInvitation')}</Link>
					</p>
					<Link to="/recover">{t('signIn.lost')}</Link>
				</>
			}
		>
			{leftUntold && (
				<Banner tone="warn" live="status">
					{t('signIn.leftUntold')}
				</Banner>
			)}
			<Fields model={model} />
		</EntryLayout>
	);
}

/** By itself: when the server has said its name, nothing else is drawn again. */
function Lead() {
	const { t } = useTranslation('entry');
	const organisation = useApp((state) => state.server?.organisation);
	return organisation ? t('signIn.leadAt', { organisation: isolate(organisation) }) : t('signIn.lead');
}

function Fields({ model }: { model: SignInModel }) {
	const { t } = useTranslation('entry');
	const deviceName = useDeviceName();
	const { loginName, passphrase, publicComputer, missing, failure, busy } = useStore(model);
	return (
		<Form onSubmit={() => void model.submit(deviceName)}>
			<TextField
				label={t('names.login')}
				value={loginName}
				onChange={model.setLoginName}
				error={missing === 'loginName' ? t('names.problem.loginNeeded') : null}
				autoComplete="username"
				exact
			/>
			<TextField
				label={t('passphrase.label')}
				value={passphrase}
				onChange={model.setPassphrase}
				error={missing === 'passphrase' ? t('signIn.passphraseNeeded') : null}
				autoComplete="current-password"
				secret
				mono
			/>
			<PublicComputer chosen={publicComputer} onChange={model.setPublicComputer} />
			<FailureBanner failure={failure} />
			{failure?.is === 'alreadySignedIn' && <OthersThings />}
			<Button type="submit" kind="primary" wide isPending={busy}>
				{t('signIn.submit')}
			</Button>
			<Progress busy={busy} />
		</Form>
	);
}

/** What somebody else left here, who was signed out from elsewhere. */
function OthersThings() {
	const { t } = useTranslation('common');
	const { actions } = useAppStore();
	return (
		<ConfirmButton
			label={t('signedOut.clear')}
			question={t('signedOut.clearQuestion')}
			onConfirm={() => void actions.wipe()}
		/>
	);
}

/** What is being done while the keys are unlocked, truthfully. */
function Progress({ busy }: { busy: boolean }) {
	const { t } = useTranslation('entry');
	const unlocking = useApp((state) => state.progress === 'signIn');
	const words = busy ? (unlocking ? t('signIn.unlocking') : t('signIn.asking')) : '';
	return (
		<p role="status" className={busy ? styles.progress : 'visually-hidden'}>
			{words}
		</p>
	);
}
