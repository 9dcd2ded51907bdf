import { useTranslation } from 'react-i18next';
import { useApp, useAppStore } from '../../app/engine-context';
import { Section } from '../../ui/page/Page';
import { Switch } from '../../ui/switch/Switch';
import { SectionPage } from './SectionPage';

/** Writing, and what others learn of one's reading. */
export function Messages() {
	const { t } = useTranslation('settings');
	const { enterSends, receipts } = useApp((state) => state.settings);
	const { actions } = useAppStore();
	return (
		<SectionPage title={t('nav.messages')}>
			<Section>
				<Switch
					label={t('messages.enterSends')}
					hint={enterSends ? t('messages.enterSendsOn') : t('messages.enterSendsOff')}
					isSelected={enterSends}
					onChange={(on) => actions.saveSettings({ enterSends: on })}
				/>
				<Switch
					label={t('messages.receipts')}
					hint={receipts ? t('messages.receiptsOn') : t('messages.receiptsOff')}
					isSelected={receipts}
					onChange={(on) => actions.saveSettings({ receipts: on })}
				/>
			</Section>
		</SectionPage>
	);
}
