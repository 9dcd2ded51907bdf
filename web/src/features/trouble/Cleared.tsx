import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApp, useAppStore } from '../../app/engine-context';
import type { Unsent } from '../../engine/contract';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { ConfirmButton } from '../../ui/confirm/ConfirmButton';
import { CopyField } from '../../ui/copy-field/CopyField';
import { Dialog } from '../../ui/dialog/Dialog';
import { isolate } from '../timeline/model/clean';
import styles from './Cleared.module.css';

/** What is kept here was removed under the running app: said until it was read, with what is lost by it. */
export function Cleared({ unsent }: { unsent: Unsent[] }) {
	const { t } = useTranslation('trouble');
	const { t: common } = useTranslation('common');
	const { actions } = useAppStore();
	const back = useApp((state) => state.session !== null);
	const [shown, setShown] = useState(false);
	const lost = unsent.length > 0;
	useEffect(() => {
		if (!lost) return;
		const ask = (event: Event) => event.preventDefault();
		window.addEventListener('beforeunload', ask);
		return () => window.removeEventListener('beforeunload', ask);
	}, [lost]);
	return (
		<>
			<Banner
				strip
				tone="warn"
				live="alert"
				action={
					lost ? (
						<Button kind="quiet" onPress={() => setShown(true)}>
							{t('cleared.show')}
						</Button>
					) : (
						<Button kind="quiet" onPress={actions.forgetCleared}>
							{common('close')}
						</Button>
					)
				}
			>
				{back ? t('cleared.before') : t('cleared.said')}{' '}
				{lost ? t('cleared.unsent', { count: unsent.length }) : t('cleared.nothing')}
			</Banner>
			{shown && (
				<Dialog
					isOpen
					onClose={() => setShown(false)}
					title={t('cleared.title')}
					actions={
						<>
							<ConfirmButton
								label={t('cleared.forget')}
								question={t('cleared.forgetQuestion')}
								onConfirm={actions.forgetCleared}
							/>
							<Button kind="primary" onPress={() => setShown(false)}>
								{common('close')}
							</Button>
						</>
					}
				>
					<p>{t('cleared.lead')}</p>
					<ul className={styles.texts}>
						{unsent.map(({ title, text }, index) => (
							// biome-ignore lint/suspicious/noArrayIndexKey: the list does not change, and texts may be the same
							<li key={index}>
								<p className={styles.to}>{t('cleared.to', { title: isolate(title) })}</p>
								<CopyField label={t('cleared.to', { title: isolate(title) })} text={text} long />
							</li>
						))}
					</ul>
				</Dialog>
			)}
		</>
	);
}
