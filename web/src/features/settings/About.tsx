import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useApp } from '../../app/engine-context';
import { APP_VERSION } from '../../app/version';
import { Banner } from '../../ui/banner/Banner';
import { Mark } from '../../ui/mark/Mark';
import { Section } from '../../ui/page/Page';
import { SectionPage } from './SectionPage';
import styles from './Settings.module.css';

/** Which version, of what, under which licences, and that nobody has audited it. */
export function About() {
	const { t } = useTranslation('settings');
	const server = useApp((state) => state.server);
	return (
		<SectionPage title={t('nav.about')}>
			<div className={styles.person}>
				<Mark size="4rem" />
				<div>
					<p className={styles.personName}>ChaTalK</p>
					<p className={styles.muted}>{t('about.slogan')}</p>
				</div>
			</div>
			<Banner tone="warn">{t('about.unaudited')}</Banner>
			<Section>
				<dl className={styles.facts}>
					<dt>{t('about.app')}</dt>
					<dd>{APP_VERSION}</dd>
					{server && (
						<>
							<dt>{t('about.server')}</dt>
							<dd>{server.version}</dd>
							<dt>{t('about.organisation')}</dt>
							<dd dir="auto">{server.organisation}</dd>
						</>
					)}
					<dt>{t('about.licence')}</dt>
					<dd>Apache-2.0</dd>
				</dl>
			</Section>
			<Section>
				<p>
					<a href="/licences.txt" target="_blank" rel="noreferrer">
						{t('about.licences')}
					</a>
				</p>
				<p>
					<Link to="/help/$page" params={{ page: 'server' }}>
						{t('about.whatServerSees')}
					</Link>
				</p>
				<p>
					<Link to="/help/$page" params={{ page: 'unaudited' }}>
						{t('about.whatUnaudited')}
					</Link>
				</p>
			</Section>
		</SectionPage>
	);
}
