import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { useApp, useAppStore, useEngine } from '../../app/engine-context';
import { FailureBanner } from '../../app/FailureBanner';
import type { Language } from '../../app/language';
import { useOnceOnline } from '../../app/use-once-online';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { Form } from '../../ui/form/Form';
import { Section } from '../../ui/page/Page';
import { TextField } from '../../ui/text-field/TextField';
import { PassphraseChooser } from '../register/PassphraseChooser';
import { type ApprovalModel, createApprovalModel } from './approval-model';
import styles from './Recovery.module.css';
import { SectionPage } from './SectionPage';

/** New sign-ins need one of the devices that are signed in, or no longer. */
export function Approval() {
	const { t, i18n } = useTranslation('settings');
	const engine = useEngine();
	const app = useAppStore();
	const { after } = useSearch({ from: '/member/settings/approval' });
	const [model] = useState(() => createApprovalModel(engine, app, i18n.language as Language, after));
	const on = useStore(model, (state) => state.on);
	const done = useStore(model, (state) => state.done);
	return (
		<SectionPage
			title={t(on ? 'approval.on.title' : 'approval.off.title')}
			lead={t(on ? 'approval.on.lead' : 'approval.off.lead')}
		>
			{done ? <Done on={on} /> : <Fields model={model} on={on} />}
		</SectionPage>
	);
}

function Done({ on }: { on: boolean }) {
	const { t } = useTranslation('settings');
	return (
		<>
			<Banner tone="good" live="status">
				{t(on ? 'approval.on.done' : 'approval.off.done')}
			</Banner>
			{on && <Alone />}
			<div>
				<Link to="/settings/devices">{t('nav.devices')}</Link>
			</div>
		</>
	);
}

function Fields({ model, on }: { model: ApprovalModel; on: boolean }) {
	const { t } = useTranslation('settings');
	const { old, problem, chosen, failure, busy } = useStore(model);
	return (
		<Form onSubmit={() => void model.submit()}>
			{on && (
				<Section>
					<ul className={styles.points}>
						<li>{t('approval.on.point1')}</li>
						<li>{t('approval.on.point2')}</li>
						<li>{t('approval.on.point3')}</li>
					</ul>
					<Alone />
				</Section>
			)}
			<Section>
				<TextField
					label={t('passphrase.current')}
					value={old}
					onChange={model.setOld}
					error={problem === 'oldNeeded' ? t('passphrase.currentNeeded') : null}
					autoComplete="current-password"
					secret
					mono
				/>
			</Section>
			{on && (
				<Section title={t('passphrase.new')} lead={t('approval.on.why')}>
					<PassphraseChooser model={model.chooser} problem={chosen} />
				</Section>
			)}
			<FailureBanner failure={failure} />
			<div>
				<Button type="submit" kind="primary" isPending={busy}>
					{t(on ? 'approval.on.submit' : 'approval.off.submit')}
				</Button>
			</div>
		</Form>
	);
}

/** Whoever has neither a code nor a second device loses everything with this one. */
function Alone() {
	const { t } = useTranslation('settings');
	const { actions } = useAppStore();
	const code = useApp((state) => state.recovery.there);
	const devices = useApp((state) => state.devices);
	useOnceOnline(() => actions.send({ do: 'listDevices' }));
	if (code) return null;
	const alone = devices !== null && devices.length < 2;
	return (
		<Banner tone="warn" action={<Link to="/settings/recovery">{t('recovery.make')}</Link>}>
			{t(alone ? 'approval.aloneHere' : 'approval.alone')}
		</Banner>
	);
}
