import { useTranslation } from 'react-i18next';
import { useApp } from '../../app/engine-context';
import { AlertIcon, CheckIcon } from '../../ui/icons';
import { Section } from '../../ui/page/Page';
import { ABILITIES, abilitiesOf } from './abilities';
import styles from './Help.module.css';

/** What the browser that this is read in can do, and what it means where it can't. */
export function Abilities() {
	const { t } = useTranslation('help');
	const storage = useApp((state) => (state.phase.is === 'ready' ? state.storage : null));
	const has = abilitiesOf(window, storage);
	// where it does not run, nothing else is of use
	const shown = has.runs ? ABILITIES : ABILITIES.slice(0, 1);
	return (
		<Section title={t('abilities.title')}>
			<ul className={styles.index}>
				{shown.map((ability) => (
					<li key={ability} className={styles.ability}>
						{has[ability] ? <CheckIcon /> : <AlertIcon />}
						<span className={styles.words}>
							<span className={styles.title}>{t(`abilities.${ability}.name`)}</span>
							<span className={styles.about}>
								{has[ability] ? t(`abilities.${ability}.has`) : t(`abilities.${ability}.lacks`)}
							</span>
						</span>
						<span>{t(has[ability] ? 'abilities.yes' : 'abilities.no')}</span>
					</li>
				))}
			</ul>
		</Section>
	);
}
