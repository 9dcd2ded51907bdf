import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { SignInApproval } from '../../engine/contract';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { ApprovalCode } from '../people-security/ApprovalCode';
import styles from './SignIn.module.css';

/** The passphrase was right; now another device has to let this one in. */
export function Waits({ approval, onCancel }: { approval: SignInApproval; onCancel: () => void }) {
	const { t } = useTranslation('entry');
	return (
		<div className={styles.waits}>
			<div role="status" className={styles.status}>
				{approval.code === undefined ? (
					<ol className={styles.steps}>
						<li>{t('waits.step1')}</li>
						<li>{t('waits.step2')}</li>
						<li>{t('waits.step3')}</li>
					</ol>
				) : (
					<>
						<ApprovalCode code={approval.code} label={t('waits.code')} />
						<p>{t('waits.compare')}</p>
					</>
				)}
			</div>
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
