import { useTranslation } from 'react-i18next';
import { deviceParts } from './device-name';

/** What this device is called in the list of devices, in the language of the person: "Firefox on Linux". */
export function useDeviceName(): string {
	const { t } = useTranslation('entry');
	const { browser, system } = deviceParts(navigator.userAgent);
	if (browser && system) return t('device.both', { browser, system });
	return browser || system || t('device.unknown');
}
