import { useTranslation } from 'react-i18next';
import { useApp } from '../../app/engine-context';

/** List, timeline and details. */
export function Home() {
	const { t } = useTranslation('talk');
	const conversations = useApp((state) => state.conversations);
	return (
		<main id="main">
			<h1>{t('conversations')}</h1>
			<ul>
				{conversations?.map((one) => (
					<li key={one.conversation}>{one.title}</li>
				))}
			</ul>
		</main>
	);
}
