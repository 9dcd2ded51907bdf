import { createPortal } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { useApp } from '../../app/engine-context';
import { Mark } from '../../ui/mark/Mark';
import sheet from '../first-run/InvitationSheet.module.css';
import { isolate } from '../timeline/model/clean';
import styles from './Recovery.module.css';

/** The sheet that is printed: the code, what it is for, and nothing of the app. */
export function RecoverySheet({ code }: { code: string }) {
	const { t } = useTranslation('settings');
	const organisation = useApp((state) => state.session?.organisation ?? '');
	const loginName = useApp((state) => state.session?.me.loginName ?? '');
	return createPortal(
		<article className={sheet.sheet} aria-hidden="true">
			<header className={sheet.header}>
				<Mark size="3rem" />
				<h1>{t('recovery.sheet.title', { organisation: isolate(organisation) })}</h1>
			</header>
			<p>{t('recovery.sheet.lead')}</p>
			<p className={styles.printed} translate="no" dir="ltr">
				{code}
			</p>
			<p>
				{t('recovery.sheet.name')} <bdi>{loginName}</bdi>
			</p>
			<p>
				{t('recovery.sheet.address')} <bdi>{window.location.origin}</bdi>
			</p>
			<p>{t('recovery.sheet.keep')}</p>
		</article>,
		document.body,
	);
}
