import { createContext, type ReactNode, useContext, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/button/Button';
import { Dialog } from '../../ui/dialog/Dialog';
import styles from './LinkGuard.module.css';
import type { Link } from './model/links';

const Guard = createContext<(link: Link) => void>(() => {});

/** Asks before a link is opened that looks like another. */
export function useLinkGuard(): (link: Link) => void {
	return useContext(Guard);
}

/** Stands around what has links. */
export function LinkGuard({ children }: { children: ReactNode }) {
	const { t } = useTranslation('timeline');
	const [link, setLink] = useState<Link | null>(null);
	const close = () => setLink(null);
	return (
		<Guard value={setLink}>
			{children}
			{link && (
				<Dialog
					isOpen
					alert
					onClose={close}
					title={t('link.title', { host: link.host })}
					actions={
						<>
							<Button
								onPress={() => {
									window.open(link.href, '_blank', 'noopener,noreferrer');
									close();
								}}
							>
								{t('link.open', { host: link.host })}
							</Button>
							<Button kind="primary" onPress={close} autoFocus>
								{t('link.cancel')}
							</Button>
						</>
					}
				>
					<p>{t('link.lead', { host: link.host })}</p>
					<dl className={styles.addresses}>
						<dt>{t('link.text')}</dt>
						<dd dir="ltr">{link.text}</dd>
						<dt>{t('link.target')}</dt>
						<dd dir="ltr">{link.host}</dd>
					</dl>
				</Dialog>
			)}
		</Guard>
	);
}
