import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/button/Button';
import { Disclosure } from '../../ui/disclosure/Disclosure';
import { EntryLayout } from '../EntryLayout';

/** The engine can't be started: what to try. */
export function Dead({ message }: { message: string }) {
	const { t } = useTranslation('common');
	return (
		<EntryLayout title={t('health.deadTitle')} lead={t('health.dead')}>
			<Button kind="primary" wide onPress={() => window.location.reload()}>
				{t('health.reload')}
			</Button>
			<Disclosure title={t('health.details')}>
				<p lang="en" dir="auto">
					{message}
				</p>
			</Disclosure>
		</EntryLayout>
	);
}
