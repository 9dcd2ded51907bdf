import { Link, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { NotFound } from '../../app/shell/NotFound';
import type help from '../../locales/en/help.json';
import { ForwardIcon } from '../../ui/icons';
import { BackLink } from '../../ui/page/BackLink';
import { Page, Section } from '../../ui/page/Page';
import { Abilities } from './Abilities';
import styles from './Help.module.css';

type PageName = keyof (typeof help)['pages'];

/** In the order in which somebody new needs them. */
const PAGES: PageName[] = [
	'start',
	'invite',
	'verify',
	'devices',
	'lost',
	'connection',
	'server',
	'browser',
	'unaudited',
	'keyboard',
];

interface HelpSection {
	title: string;
	/** Paragraphs; those of `steps` are numbered. */
	text?: string[];
	steps?: string[];
}

/** What there is help about. */
export function HelpIndex() {
	const { t } = useTranslation('help');
	return (
		<Page title={t('title')} lead={t('lead')} back={<BackLink to="/" label={t('back')} />}>
			<ul className={styles.index}>
				{PAGES.map((page) => (
					<li key={page}>
						<Link to="/help/$page" params={{ page }} className={styles.entry}>
							<span className={styles.words}>
								<span className={styles.title}>{t(`pages.${page}.title`)}</span>
								<span className={styles.about}>{t(`pages.${page}.about`)}</span>
							</span>
							<ForwardIcon />
						</Link>
					</li>
				))}
			</ul>
		</Page>
	);
}

/** One page of help. */
export function HelpPage() {
	const { t } = useTranslation('help');
	const { page } = useParams({ from: '/help/$page' });
	const known = PAGES.find((one) => one === page);
	if (!known) return <NotFound />;
	const sections = t(`pages.${known}.sections`, { returnObjects: true }) as HelpSection[];
	return (
		<Page
			key={known}
			title={t(`pages.${known}.title`)}
			lead={t(`pages.${known}.about`)}
			back={<BackLink to="/help" label={t('title')} />}
		>
			{known === 'browser' && <Abilities />}
			{sections.map((section) => (
				<Section key={section.title} title={section.title}>
					{section.text?.map((text) => (
						<p key={text}>{text}</p>
					))}
					{section.steps && (
						<ol className={styles.steps}>
							{section.steps.map((step) => (
								<li key={step}>{step}</li>
							))}
						</ol>
					)}
				</Section>
			))}
		</Page>
	);
}
