import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Choice } from '../ui/choice/Choice';
import { Mark } from '../ui/mark/Mark';
import { ScreenHeading } from '../ui/page/ScreenHeading';
import styles from './EntryLayout.module.css';
import { useAppStore } from './engine-context';
import { LANGUAGES, type Language } from './language';

export interface EntryLayoutProps {
	title: string;
	lead?: ReactNode;
	/** Above the title: where one is. */
	above?: ReactNode;
	children: ReactNode;
	/** Below the card: other ways. */
	below?: ReactNode;
}

const OWN_NAMES: Record<Language, string> = { en: 'English', fr: 'Français' };

/** What is around everything that comes before the conversations: the mark, a card in the middle, the language. */
export function EntryLayout({ title, lead, above, children, below }: EntryLayoutProps) {
	const { t, i18n } = useTranslation('common');
	const { actions } = useAppStore();
	return (
		<div className={styles.entry}>
			<header className={styles.top}>
				<span className={styles.brand}>
					<Mark size="2.25rem" />
					<span>ChaTalK</span>
				</span>
				<Choice
					label={t('language')}
					labelHidden
					value={i18n.language as Language}
					onChange={(language) => actions.setLook({ language })}
					options={LANGUAGES.map((value) => ({ value, label: OWN_NAMES[value], lang: value }))}
				/>
			</header>
			<main id="main" className={styles.main}>
				<div className={styles.card}>
					{above}
					{/* another title is another step: the focus moves to it */}
					<ScreenHeading key={title} title={title} />
					{lead && <p className={styles.lead}>{lead}</p>}
					{children}
				</div>
				{below && <div className={styles.below}>{below}</div>}
			</main>
			<footer className={styles.foot}>
				<p>{t('unaudited.short')}</p>
				<Link to="/help">{t('help')}</Link>
			</footer>
		</div>
	);
}
