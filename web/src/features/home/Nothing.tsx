import { useTranslation } from 'react-i18next';
import { usePageTitle } from '../../app/title';
import { useMedia } from '../../app/use-media';
import { ButtonLink } from '../../ui/link/ButtonLink';
import { Mark } from '../../ui/mark/Mark';
import { keyNames } from '../shortcuts/key-names';
import { onMac } from '../shortcuts/keys';
import styles from './Nothing.module.css';

/** No conversation is open. */
export function Choose() {
	const { t } = useTranslation('home');
	usePageTitle(t('title'));
	return (
		<div className={styles.nothing}>
			<Mark size="4rem" />
			<p className={styles.title}>{t('choose.title')}</p>
			<p>{t('choose.lead', { keys: keyNames(onMac()).goTo.join(' ') })}</p>
		</div>
	);
}

/** The address names a conversation that is not here. */
export function Unknown() {
	const { t } = useTranslation('home');
	const Title = useMedia('phone') ? 'h1' : 'h2';
	return (
		<div className={styles.nothing} role="status">
			<Title className={styles.title}>{t('unknown.title')}</Title>
			<p>{t('unknown.lead')}</p>
			<ButtonLink to="/">{t('unknown.action')}</ButtonLink>
		</div>
	);
}
