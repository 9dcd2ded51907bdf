import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { useApp, useAppStore, useEngine } from '../../app/engine-context';
import { FailureBanner } from '../../app/FailureBanner';
import type { Language } from '../../app/language';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { Choice } from '../../ui/choice/Choice';
import { Form } from '../../ui/form/Form';
import { Section } from '../../ui/page/Page';
import { TextField } from '../../ui/text-field/TextField';
import { KeyChange } from '../devices/KeyChange';
import { PassphraseChooser } from '../register/PassphraseChooser';
import styles from './Passphrase.module.css';
import { createPassphraseModel, type PassphraseModel } from './passphrase-model';
import { SectionPage } from './SectionPage';

/** Another passphrase, and other keys where somebody may know the old one. */
export function Passphrase() {
	const { t, i18n } = useTranslation('settings');
	const engine = useEngine();
	const app = useAppStore();
	const { known } = useSearch({ from: '/member/settings/passphrase' });
	const [model] = useState(() =>
		createPassphraseModel(engine, app, i18n.language as Language, known ?? null),
	);
	const done = useStore(model, (state) => state.done);
	return (
		<SectionPage title={t('passphrase.title')} lead={t('passphrase.lead')}>
			{done ? (
				<>
					<Banner tone="good" live="status">
						{t('passphrase.changed')}
					</Banner>
					<KeyChange />
				</>
			) : (
				<Fields model={model} />
			)}
		</SectionPage>
	);
}

function Fields({ model }: { model: PassphraseModel }) {
	const { t } = useTranslation('settings');
	const { mayBeKnown, problem, chosen, failure, busy } = useStore(model);
	return (
		<Form onSubmit={() => void model.submit()}>
			<Proof model={model} />
			<Section title={t('passphrase.new')}>
				<PassphraseChooser model={model.chooser} problem={chosen} />
			</Section>
			<Section title={t('passphrase.known')} lead={t('passphrase.knownLead')}>
				<Choice
					label={t('passphrase.known')}
					labelHidden
					value={mayBeKnown === null ? '' : mayBeKnown ? 'yes' : 'no'}
					onChange={(answer) => model.setMayBeKnown(answer === 'yes')}
					options={[
						{ value: 'no', label: t('passphrase.knownNo') },
						{ value: 'yes', label: t('passphrase.knownYes') },
					]}
				/>
				{problem === 'knownNeeded' && (
					<Banner tone="bad" live="alert">
						{t('passphrase.knownNeeded')}
					</Banner>
				)}
			</Section>
			<FailureBanner failure={failure} />
			<div>
				<Button type="submit" kind="primary" isPending={busy}>
					{t('passphrase.submit')}
				</Button>
			</div>
		</Form>
	);
}

/** The old passphrase, or the recovery code in its place. */
function Proof({ model }: { model: PassphraseModel }) {
	const { t } = useTranslation('settings');
	const hasCode = useApp((state) => state.recovery.there);
	const { by, old, code, cameByCode, problem } = useStore(model);
	if (by === 'code' && cameByCode) return <Banner tone="good">{t('passphrase.cameByCode')}</Banner>;
	if (by === 'passphrase') {
		return (
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
				<div className={styles.ways}>
					{hasCode && (
						<Button kind="quiet" onPress={() => model.setBy('code')}>
							{t('passphrase.forgotten')}
						</Button>
					)}
					<Link to="/settings/forgotten">{t(hasCode ? 'forgotten.orElse' : 'forgotten.title')}</Link>
				</div>
			</Section>
		);
	}
	return (
		<Section>
			<TextField
				label={t('recovery.code')}
				value={code}
				onChange={model.setCode}
				error={
					problem === 'codeNeeded' || problem === 'codeMistyped' ? t(`recovery.problem.${problem}`) : null
				}
				autoComplete="off"
				exact
				mono
			/>
			<div>
				<Button kind="quiet" onPress={() => model.setBy('passphrase')}>
					{t('passphrase.notForgotten')}
				</Button>
			</div>
		</Section>
	);
}
