import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useApp, useAppStore } from '../../app/engine-context';
import { useFormat } from '../../app/format';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';

/** Another device changed the passphrase: stays until the person says that they know. */
export function PassphraseStrip() {
	const { t } = useTranslation('settings');
	const format = useFormat();
	const changed = useApp((state) => state.passphraseChanged);
	const { actions } = useAppStore();
	if (changed === null) return null;
	return (
		<Banner
			strip
			tone="bad"
			live="alert"
			action={
				<>
					<Link to="/settings/devices">{t('passphraseChanged.devices')}</Link>
					<Button
						kind="quiet"
						onPress={() => actions.send({ do: 'noticesSeen', signIns: [], passphraseChanged: changed })}
					>
						{t('passphraseChanged.mine')}
					</Button>
				</>
			}
		>
			{t('passphraseChanged.banner', { time: format.dateTime(changed) })}
		</Banner>
	);
}
