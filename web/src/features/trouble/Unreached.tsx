import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { Dialog } from '../../ui/dialog/Dialog';
import { LinkOut } from '../../ui/link/LinkOut';
import styles from './Unreached.module.css';

/** What may be wrong where there is a network and no server, and how to find out which. `page`: of the server. */
export function Unreached({ page, onClose }: { page: string; onClose: () => void }) {
	const { t } = useTranslation('trouble');
	const { t: common } = useTranslation('common');
	return (
		<Dialog
			isOpen
			onClose={onClose}
			title={t('unreached.title')}
			actions={
				<>
					<Button kind="quiet" onPress={onClose}>
						{common('close')}
					</Button>
					<LinkOut kind="primary" href={page}>
						{t('unreached.open')}
					</LinkOut>
				</>
			}
		>
			<p>{t('unreached.lead')}</p>
			<ul className={styles.causes}>
				<li>{t('unreached.off')}</li>
				<li>{t('unreached.network')}</li>
				<li>{t('unreached.certificate')}</li>
			</ul>
			<p>{t('unreached.look')}</p>
			<Banner tone="warn">{t('unreached.warning')}</Banner>
			<p>
				<Link to="/help/$page" params={{ page: 'connection' }} onClick={onClose}>
					{t('unreached.help')}
				</Link>
			</p>
		</Dialog>
	);
}
