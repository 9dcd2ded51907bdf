import { useTranslation } from 'react-i18next';
import type { InvitationInfo } from '../../engine/contract';
import { Disclosure } from '../../ui/disclosure/Disclosure';
import styles from './ServerWords.module.css';

/** The six words of the server that the invitation was made for, to compare with its terminal. */
export function ServerWords({ info }: { info: InvitationInfo }) {
	const { t } = useTranslation('entry');
	return (
		<Disclosure title={t('server.title')}>
			<p>{t('server.explain', { address: info.addresses[0] ?? '' })}</p>
			<p className={styles.words} lang="en" translate="no">
				{info.words.join(' ')}
			</p>
			<p>{t('server.compare')}</p>
		</Disclosure>
	);
}
