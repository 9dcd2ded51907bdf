import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { IconButton } from '../button/IconButton';
import { CloseIcon } from '../icons';
import styles from './Toasts.module.css';
import { dismissToast, toasts } from './toasts';

/** Where short messages appear; once, in the shell. */
export function Toasts() {
	const { t } = useTranslation('common');
	const shown = useStore(toasts, (state) => state.shown);
	return (
		<div className={styles.region} role="status" aria-live="polite">
			{shown.map((one) => (
				<div key={one.id} className={styles.toast}>
					<span>{one.text}</span>
					<IconButton label={t('close')} onPress={() => dismissToast(one.id)}>
						<CloseIcon />
					</IconButton>
				</div>
			))}
		</div>
	);
}
