import { useTranslation } from 'react-i18next';
import { ConfirmButton } from '../../ui/confirm/ConfirmButton';
import { ButtonLink } from '../../ui/link/ButtonLink';
import { EntryLayout } from '../EntryLayout';
import { useAppStore } from '../engine-context';

/** The server refuses this device: come back, or leave nothing. */
export function SignedOut() {
	const { t } = useTranslation('common');
	const { actions } = useAppStore();
	return (
		<EntryLayout title={t('signedOut.title')} lead={t('signedOut.lead')}>
			<ButtonLink to="/sign-in" kind="primary" wide>
				{t('signedOut.again')}
			</ButtonLink>
			<ConfirmButton
				wide
				label={t('signedOut.clear')}
				question={t('signedOut.clearQuestion')}
				onConfirm={() => void actions.wipe()}
			/>
			<p style={{ color: 'var(--muted)', fontSize: 'var(--text-s)' }}>{t('signedOut.clearHint')}</p>
		</EntryLayout>
	);
}
