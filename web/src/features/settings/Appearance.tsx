import { useTranslation } from 'react-i18next';
import { useApp, useAppStore } from '../../app/engine-context';
import { Choice } from '../../ui/choice/Choice';
import { Section } from '../../ui/page/Page';
import { SectionPage } from './SectionPage';

/** Language and theme; kept for all devices. */
export function Appearance() {
	const { t } = useTranslation('settings');
	const { theme, language } = useApp((state) => state.settings);
	const { actions } = useAppStore();
	return (
		<SectionPage title={t('nav.appearance')} lead={t('appearance.lead')}>
			<Section>
				<Choice
					label={t('appearance.language')}
					value={language}
					onChange={(chosen) => actions.setLook({ language: chosen })}
					options={[
						{ value: 'system', label: t('appearance.system') },
						{ value: 'en', label: 'English', lang: 'en' },
						{ value: 'fr', label: 'Français', lang: 'fr' },
					]}
				/>
				<Choice
					label={t('appearance.theme')}
					value={theme}
					onChange={(chosen) => actions.setLook({ theme: chosen })}
					options={[
						{ value: 'system', label: t('appearance.system') },
						{ value: 'light', label: t('appearance.light') },
						{ value: 'dark', label: t('appearance.dark') },
					]}
				/>
			</Section>
		</SectionPage>
	);
}
