import { useTranslation } from 'react-i18next';
import type { Failure } from '../../engine/contract';
import { Button } from '../../ui/button/Button';
import { ConfirmButton } from '../../ui/confirm/ConfirmButton';
import { Disclosure } from '../../ui/disclosure/Disclosure';
import { EntryLayout } from '../EntryLayout';
import { useAppStore } from '../engine-context';
import { useFailureText } from '../failures';

/** What is kept in this browser can't be opened. */
export function OpenFailed({ failure }: { failure: Failure }) {
	const { t } = useTranslation('common');
	const say = useFailureText();
	const { actions } = useAppStore();
	return (
		<EntryLayout title={t('failed.title')} lead={say(failure)}>
			<Button kind="primary" wide onPress={() => window.location.reload()}>
				{t('health.reload')}
			</Button>
			<p>{t('failed.clearHint')}</p>
			<ConfirmButton
				label={t('signedOut.clear')}
				question={t('signedOut.clearQuestion')}
				onConfirm={() => void actions.wipe()}
			/>
			{'message' in failure && failure.message && (
				<Disclosure title={t('health.details')}>
					<p lang="en" dir="auto">
						{failure.message}
					</p>
				</Disclosure>
			)}
		</EntryLayout>
	);
}
