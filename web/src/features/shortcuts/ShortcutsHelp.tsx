import { useTranslation } from 'react-i18next';
import { useApp } from '../../app/engine-context';
import { Button } from '../../ui/button/Button';
import { Dialog } from '../../ui/dialog/Dialog';
import { keyNames } from './key-names';
import { onMac } from './keys';
import styles from './ShortcutsHelp.module.css';

/** All shortcuts there are. */
export function ShortcutsHelp({ onClose }: { onClose: () => void }) {
	const { t } = useTranslation('home');
	const { t: common } = useTranslation('common');
	const enterSends = useApp((state) => state.settings.enterSends);
	const names = keyNames(onMac());
	const entries = [
		[t('keys.goTo'), names.goTo],
		[t('keys.step'), names.step],
		[t('keys.stepUnread'), names.stepUnread],
		[t('keys.search'), names.search],
		[t('keys.back'), names.back],
		[t('keys.rows'), names.rows],
		[t('keys.ends'), names.ends],
		[t('keys.send'), enterSends ? names.enter : names.commandEnter],
		[t('keys.newLine'), enterSends ? names.shiftEnter : names.enter],
		[t('keys.help'), names.help],
	] as const;
	return (
		<Dialog
			isOpen
			onClose={onClose}
			title={t('keys.title')}
			actions={
				<Button kind="primary" onPress={onClose} autoFocus>
					{common('close')}
				</Button>
			}
		>
			<dl className={styles.keys}>
				{entries.map(([what, keys]) => (
					<div key={what} className={styles.entry}>
						<dt>{what}</dt>
						<dd>
							{keys.map((key) => (
								<kbd key={key} className={styles.key}>
									{key}
								</kbd>
							))}
						</dd>
					</div>
				))}
			</dl>
		</Dialog>
	);
}
