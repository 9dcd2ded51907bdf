import { useTranslation } from 'react-i18next';
import { Mark } from '../ui/mark/Mark';
import styles from './Splash.module.css';

/** What is seen for the moment until there is something to see. */
export function Splash() {
	const { t } = useTranslation('common');
	return (
		<main id="main" className={styles.splash} aria-busy="true">
			<Mark size="4rem" />
			<p className={styles.words}>{t('loading')}</p>
		</main>
	);
}
