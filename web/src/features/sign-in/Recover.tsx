import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { EntryLayout } from '../../app/EntryLayout';
import { useApp, useAppStore, useEngine } from '../../app/engine-context';
import { FailureBanner } from '../../app/FailureBanner';
import { GoTo } from '../../app/GoTo';
import { useDeviceName } from '../../app/use-device-name';
import { Button } from '../../ui/button/Button';
import { Form } from '../../ui/form/Form';
import { Section } from '../../ui/page/Page';
import { TextField } from '../../ui/text-field/TextField';
import { PublicComputer } from '../register/PublicComputer';
import { createRecoverModel, type RecoverModel } from './recover-model';
import styles from './SignIn.module.css';

/** The passphrase is forgotten: which ways there are, and the one by the code on paper. */
export function Recover() {
	const { t } = useTranslation('entry');
	const engine = useEngine();
	const app = useAppStore();
	const session = useApp((state) => state.session);
	const signedOut = useApp((state) => state.signedOut);
	const [model] = useState(() => createRecoverModel(engine, app));
	if (session && !signedOut) return <GoTo to="/settings/passphrase" />;
	return (
		<EntryLayout
			title={t('recover.title')}
			lead={t('recover.lead')}
			below={<Link to="/sign-in">{t('recover.toSignIn')}</Link>}
		>
			<Fields model={model} />
			<Section title={t('recover.others')}>
				<p>{t('recover.device')}</p>
				<p>{t('recover.nothing')}</p>
				<Link to="/help/$page" params={{ page: 'lost' }}>
					{t('recover.more')}
				</Link>
			</Section>
		</EntryLayout>
	);
}

function Fields({ model }: { model: RecoverModel }) {
	const { t } = useTranslation('entry');
	const deviceName = useDeviceName();
	const { loginName, code, publicComputer, problem, failure, busy } = useStore(model);
	const unlocking = useApp((state) => state.progress === 'signIn');
	const wrong =
		problem === 'code'
			? t('recover.codeNeeded')
			: problem === 'codeMistyped'
				? t('recover.codeMistyped')
				: null;
	return (
		<Form onSubmit={() => void model.submit(deviceName)}>
			<TextField
				label={t('names.login')}
				value={loginName}
				onChange={model.setLoginName}
				error={problem === 'loginName' ? t('names.problem.loginNeeded') : null}
				autoComplete="username"
				exact
			/>
			<TextField
				label={t('recover.code')}
				hint={t('recover.codeHint')}
				value={code}
				onChange={model.setCode}
				error={wrong}
				autoComplete="off"
				exact
				mono
			/>
			<PublicComputer chosen={publicComputer} onChange={model.setPublicComputer} />
			<FailureBanner failure={failure} />
			<Button type="submit" kind="primary" wide isPending={busy}>
				{t('recover.submit')}
			</Button>
			<p role="status" className={busy ? styles.progress : 'visually-hidden'}>
				{busy ? (unlocking ? t('signIn.unlocking') : t('signIn.asking')) : ''}
			</p>
		</Form>
	);
}
