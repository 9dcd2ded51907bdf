import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { SignInApproval } from '../../engine/contract';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { ApprovalCode } from '../people-security/ApprovalCode';
import styles from './SignIn.module.css';

/** The passphrase was right; now another device has to let this one in. */
export function Waits({ approval, onCancel }: { approval: SignInApproval; onCancel: () => void }) {
	const { t } = useTranslation('entry');
	useEffect(() => {
		// nobody could let in a page that is gone, and it would be in the way of the next try; in Firefox `pagehide` is too late for
		// what is to reach the worker when a page is loaded anew
		window.addEventListener('beforeunload', onCancel);
		window.addEventListener('pagehide', onCancel);
		return () => {
			window.removeEventListener('beforeunload', onCancel);
			window.removeEventListener('pagehide', onCancel);
		};
	}, [onCancel]);
	return (
		<div className={styles.waits}>
			{approval.code === undefined ? (
				<ol className={styles.steps}>
					<li>{t('waits.step1')}</li>
					<li>{t('waits.step2')}</li>
					<li>{t('waits.step3')}</li>
				</ol>
			) : (
				<ApprovalCode code={approval.code} label={t('waits.code')} />
			)}
			<p role="status">{approval.code !== undefined && t('waits.compare')}</p>
			<Banner>{t('waits.stay')}</Banner>
			<Button onPress={onCancel}>{t('waits.cancel')}</Button>
			<p className={styles.progress}>
				{t('waits.noDevice')}{' '}
				<Link to="/recover" onClick={onCancel}>
					{t('waits.byCode')}
				</Link>
			</p>
		</div>
	);
}
