import { useTranslation } from 'react-i18next';

/** Name and passphrase. */
export function SignIn() {
	const { t } = useTranslation('entry');
	return (
		<main id="main">
			<h1>{t('signIn.title')}</h1>
		</main>
	);
}
