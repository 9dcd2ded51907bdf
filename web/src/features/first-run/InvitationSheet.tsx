import { useEffect, useState } from 'react';
import { createPortal } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { useApp, useEngine } from '../../app/engine-context';
import { Mark } from '../../ui/mark/Mark';
import { QrCode } from '../../ui/qr/QrCode';
import { isolate } from '../timeline/model/clean';
import styles from './InvitationSheet.module.css';

/** One page to hand over: only seen when it is printed. */
export function InvitationSheet({ link, until }: { link: string; until: string }) {
	const { t } = useTranslation('entry');
	const engine = useEngine();
	const organisation = useApp((state) => state.session?.organisation ?? state.server?.organisation ?? '');
	const [words, setWords] = useState<string[]>([]);
	useEffect(() => {
		let current = true;
		void engine.readInvitation(link).then((info) => {
			if (current && info) setWords(info.words);
		});
		return () => {
			current = false;
		};
	}, [engine, link]);

	return createPortal(
		<article className={styles.sheet} aria-hidden="true">
			<header className={styles.header}>
				<Mark size="3rem" />
				<h1>{t('sheet.title', { organisation: isolate(organisation) })}</h1>
			</header>
			<p>{t('sheet.lead')}</p>
			<ol className={styles.steps}>
				<li>{t('sheet.step1')}</li>
				<li>{t('sheet.step2')}</li>
				<li>{t('sheet.step3')}</li>
			</ol>
			<QrCode content={link} label={t('invite.qr')} />
			<p className={styles.link}>{link}</p>
			{words.length > 0 && (
				<p>
					{t('sheet.words')} <strong lang="en">{words.join(' ')}</strong>
				</p>
			)}
			<p>{t('invite.once', { until })}</p>
			<p>{t('sheet.destroy')}</p>
		</article>,
		document.body,
	);
}
