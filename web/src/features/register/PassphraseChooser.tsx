import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Button } from '../../ui/button/Button';
import { Checkbox } from '../../ui/checkbox/Checkbox';
import { Choice } from '../../ui/choice/Choice';
import { RefreshIcon } from '../../ui/icons';
import { StrengthMeter } from '../../ui/meter/StrengthMeter';
import { Skeleton } from '../../ui/skeleton/Skeleton';
import { TextField } from '../../ui/text-field/TextField';
import type { AccountModel, PassphraseProblem } from './account-model';
import styles from './PassphraseChooser.module.css';

export interface PassphraseChooserProps {
	model: AccountModel;
	/** What keeps from going on, once going on was tried. */
	problem: PassphraseProblem | null;
}

/** Five words that are made here, or one's own passphrase with a strict meter. */
export function PassphraseChooser({ model, problem }: PassphraseChooserProps) {
	const { t } = useTranslation('entry');
	const kind = useStore(model, (state) => state.kind);
	const writtenDown = useStore(model, (state) => state.writtenDown);
	const coming = useStore(model, (state) => state.kind === 'generated' && state.generated === '');
	useEffect(() => {
		if (model.getState().generated === '') void model.another();
	}, [model]);
	return (
		<div className={styles.chooser}>
			{kind === 'generated' ? <Generated model={model} /> : <Own model={model} problem={problem} />}
			<div className={styles.other}>
				<Button kind="quiet" onPress={() => model.setKind(kind === 'own' ? 'generated' : 'own')}>
					{kind === 'own' ? t('passphrase.makeOne') : t('passphrase.useOwn')}
				</Button>
			</div>
			<Checkbox
				label={kind === 'own' ? t('passphrase.remember') : t('passphrase.writtenDown')}
				hint={t('passphrase.noReset')}
				isSelected={writtenDown}
				isDisabled={coming}
				onChange={model.setWrittenDown}
				error={problem === 'writeItDown' ? t('passphrase.problem.writeItDown') : null}
			/>
		</div>
	);
}

function Generated({ model }: { model: AccountModel }) {
	const { t } = useTranslation('entry');
	const generated = useStore(model, (state) => state.generated);
	const language = useStore(model, (state) => state.words);
	return (
		<>
			<div className={styles.paper}>
				<p className={styles.caption}>{t('passphrase.yours')}</p>
				<p className={styles.words} lang={language} aria-live="polite" translate="no">
					{generated || <Skeleton height="1.5rem" />}
				</p>
			</div>
			<div className={styles.row}>
				<Button onPress={() => void model.another()}>
					<RefreshIcon />
					{t('passphrase.another')}
				</Button>
				<Choice
					label={t('passphrase.wordsIn')}
					labelHidden
					value={language}
					onChange={(chosen) => void model.setWords(chosen)}
					options={[
						{ value: 'en', label: t('passphrase.english') },
						{ value: 'fr', label: t('passphrase.french') },
					]}
				/>
			</div>
		</>
	);
}

function Own({ model, problem }: PassphraseChooserProps) {
	const { t } = useTranslation('entry');
	const own = useStore(model, (state) => state.own);
	const strength = useStore(model, (state) => state.strength);
	const wrong = problem && problem !== 'writeItDown' ? t(`passphrase.problem.${problem}`) : null;
	return (
		<>
			<TextField
				label={t('passphrase.own')}
				hint={t('passphrase.ownHint')}
				value={own}
				onChange={(text) => void model.setOwn(text)}
				error={wrong}
				autoComplete="new-password"
				secret
				mono
			/>
			<StrengthMeter score={strength} />
		</>
	);
}
