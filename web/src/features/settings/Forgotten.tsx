import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { useApp, useAppStore, useEngine } from '../../app/engine-context';
import { FailureBanner } from '../../app/FailureBanner';
import { useFormat } from '../../app/format';
import type { Language } from '../../app/language';
import type { Forgotten as Request } from '../../engine/contract';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { ConfirmButton } from '../../ui/confirm/ConfirmButton';
import { Form } from '../../ui/form/Form';
import { Section } from '../../ui/page/Page';
import { KeyChange } from '../devices/KeyChange';
import { PassphraseChooser } from '../register/PassphraseChooser';
import { isolate } from '../timeline/model/clean';
import { createForgottenModel, type ForgottenModel } from './forgotten-model';
import styles from './Recovery.module.css';
import { SectionPage } from './SectionPage';

/** The passphrase is forgotten, but one is still signed in: another device, an admin or a day of waiting lets one set a new one. */
export function Forgotten() {
	const { t, i18n } = useTranslation('settings');
	const engine = useEngine();
	const app = useAppStore();
	const request = useApp((state) => state.forgotten);
	const [model] = useState(() => createForgottenModel(engine, app, i18n.language as Language));
	const done = useStore(model, (state) => state.done);
	return (
		<SectionPage title={t('forgotten.title')} lead={t('forgotten.lead')}>
			{done ? (
				<Done />
			) : request === null ? (
				<Why model={model} />
			) : !request.mine ? (
				<Elsewhere model={model} request={request} />
			) : request.ready ? (
				<Choose model={model} />
			) : (
				<Waits model={model} request={request} />
			)}
		</SectionPage>
	);
}

function Done() {
	const { t } = useTranslation('settings');
	return (
		<>
			<Banner tone="good" live="status">
				{t('forgotten.done')}
			</Banner>
			<KeyChange />
			<p>{t('forgotten.codeEnded')}</p>
			<div>
				<Link to="/settings/recovery">{t('recovery.make')}</Link>
			</div>
		</>
	);
}

function Why({ model }: { model: ForgottenModel }) {
	const { t } = useTranslation('settings');
	const hasCode = useApp((state) => state.recovery.there);
	const { failure, busy } = useStore(model);
	return (
		<>
			<Section>
				<ul className={styles.points}>
					<li>{t('forgotten.point1')}</li>
					<li>{t('forgotten.point2')}</li>
					<li>{t('forgotten.point3')}</li>
				</ul>
				{hasCode && <p>{t('forgotten.codeFirst')}</p>}
			</Section>
			<FailureBanner failure={failure} />
			<div className={styles.row}>
				<Button kind="primary" onPress={() => void model.ask()} isPending={busy}>
					{t('forgotten.ask')}
				</Button>
			</div>
		</>
	);
}

function Waits({ model, request }: { model: ForgottenModel; request: Request }) {
	const { t } = useTranslation('settings');
	const format = useFormat();
	const { failure, busy } = useStore(model);
	return (
		<>
			<Banner tone="warn" live="status">
				{t('forgotten.waits', { time: format.dateTime(request.readyAt) })}
			</Banner>
			<p>{t('forgotten.how')}</p>
			<FailureBanner failure={failure} />
			<div className={styles.row}>
				<Button onPress={() => void model.cancel()} isPending={busy}>
					{t('forgotten.cancelOwn')}
				</Button>
			</div>
		</>
	);
}

function Elsewhere({ model, request }: { model: ForgottenModel; request: Request }) {
	const { t } = useTranslation('settings');
	const { failure, busy } = useStore(model);
	const device = isolate(request.name);
	return (
		<>
			<Banner tone="bad" live="status">
				{t(request.approved ? 'forgotten.strip.approved' : 'forgotten.strip.elsewhere', { device })}
			</Banner>
			<FailureBanner failure={failure} />
			<div className={styles.row}>
				{!request.approved && (
					<ConfirmButton
						label={t('forgotten.approve')}
						question={t('forgotten.approveQuestion')}
						onConfirm={() => void model.approve()}
						isPending={busy}
					/>
				)}
				<Button onPress={() => void model.cancel()} isPending={busy}>
					{t('forgotten.cancel')}
				</Button>
			</div>
		</>
	);
}

function Choose({ model }: { model: ForgottenModel }) {
	const { t } = useTranslation('settings');
	const { chosen, failure, busy } = useStore(model);
	return (
		<Form onSubmit={() => void model.submit()}>
			<Section title={t('passphrase.new')} lead={t('forgotten.readyLead')}>
				<PassphraseChooser model={model.chooser} problem={chosen} />
			</Section>
			<FailureBanner failure={failure} />
			<div className={styles.row}>
				<Button type="submit" kind="primary" isPending={busy}>
					{t('forgotten.submit')}
				</Button>
				<Button kind="quiet" onPress={() => void model.cancel()} isDisabled={busy}>
					{t('forgotten.cancelOwn')}
				</Button>
			</div>
		</Form>
	);
}
