import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { useApp, useAppStore, useEngine } from '../../app/engine-context';
import { FailureBanner } from '../../app/FailureBanner';
import { useFormat } from '../../app/format';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { ConfirmButton } from '../../ui/confirm/ConfirmButton';
import { Form } from '../../ui/form/Form';
import { PrintIcon } from '../../ui/icons';
import { Section } from '../../ui/page/Page';
import { TextField } from '../../ui/text-field/TextField';
import styles from './Recovery.module.css';
import { RecoverySheet } from './RecoverySheet';
import { createRecoveryModel, type RecoveryModel } from './recovery-model';
import { SectionPage } from './SectionPage';

/** A code on paper that opens the account when the passphrase is forgotten. */
export function Recovery() {
	const { t } = useTranslation('settings');
	const engine = useEngine();
	const app = useAppStore();
	const [model] = useState(() => createRecoveryModel(engine, app));
	const step = useStore(model, (state) => state.step);
	return (
		<SectionPage title={t('recovery.title')} lead={t('recovery.lead')}>
			{step === 'made' && <Told text={t('recovery.made')} />}
			{step === 'removed' && <Told text={t('recovery.removed')} />}
			{step === 'why' && <Why model={model} />}
			{step === 'write' && <Write model={model} />}
			{step === 'again' && <Again model={model} />}
		</SectionPage>
	);
}

function Told({ text }: { text: string }) {
	return (
		<Banner tone="good" live="status">
			{text}
		</Banner>
	);
}

function PassphraseField({ model }: { model: RecoveryModel }) {
	const { t } = useTranslation('settings');
	const { passphrase, problem } = useStore(model);
	return (
		<TextField
			label={t('passphrase.current')}
			value={passphrase}
			onChange={model.setPassphrase}
			error={problem === 'passphraseNeeded' ? t('passphrase.currentNeeded') : null}
			autoComplete="current-password"
			secret
			mono
		/>
	);
}

function Why({ model }: { model: RecoveryModel }) {
	const { t } = useTranslation('settings');
	const format = useFormat();
	const { there, made } = useApp((state) => state.recovery);
	const { failure, busy } = useStore(model);
	return (
		<Form onSubmit={() => void model.make()}>
			<Section>
				<ul className={styles.points}>
					<li>{t('recovery.point1')}</li>
					<li>{t('recovery.point2')}</li>
					<li>{t('recovery.point3')}</li>
				</ul>
				<p role="status">
					{!there
						? t('recovery.none')
						: made === null
							? t('recovery.there')
							: t('recovery.since', { date: format.dateTime(made) })}
				</p>
			</Section>
			<PassphraseField model={model} />
			<FailureBanner failure={failure} />
			<div className={styles.row}>
				<Button type="submit" kind="primary" isPending={busy}>
					{there ? t('recovery.replace') : t('recovery.make')}
				</Button>
				{there && (
					<ConfirmButton
						label={t('recovery.remove')}
						question={t('recovery.removeQuestion')}
						onConfirm={() => void model.remove()}
					/>
				)}
			</div>
			{there && <p className={styles.note}>{t('recovery.seen')}</p>}
		</Form>
	);
}

function Write({ model }: { model: RecoveryModel }) {
	const { t } = useTranslation('settings');
	const code = useStore(model, (state) => state.code);
	return (
		<>
			<div className={styles.paper}>
				<p className={styles.caption}>{t('recovery.yours')}</p>
				<p className={styles.code} translate="no" dir="ltr">
					{code}
				</p>
			</div>
			<p>{t('recovery.once')}</p>
			<div className={styles.row}>
				<Button onPress={() => window.print()}>
					<PrintIcon />
					{t('recovery.print')}
				</Button>
				<Button kind="primary" onPress={model.next}>
					{t('recovery.written')}
				</Button>
			</div>
			<RecoverySheet code={code} />
		</>
	);
}

function Again({ model }: { model: RecoveryModel }) {
	const { t } = useTranslation('settings');
	const { typed, problem, passphraseWrong, failure, busy } = useStore(model);
	const wrong = problem === null || problem === 'passphraseNeeded' ? null : t(`recovery.problem.${problem}`);
	return (
		<Form onSubmit={() => void model.confirm()}>
			<Section title={t('recovery.again')} lead={t('recovery.againLead')}>
				<TextField
					label={t('recovery.code')}
					value={typed}
					onChange={model.setTyped}
					error={wrong}
					autoComplete="off"
					exact
					mono
				/>
				{passphraseWrong && <PassphraseField model={model} />}
			</Section>
			<FailureBanner failure={failure} />
			<div className={styles.row}>
				<Button type="submit" kind="primary" isPending={busy}>
					{t('recovery.confirm')}
				</Button>
				<Button kind="quiet" onPress={model.back} isDisabled={busy}>
					{t('recovery.showAgain')}
				</Button>
			</div>
		</Form>
	);
}
