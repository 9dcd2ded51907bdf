import type { ErrorComponentProps } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/button/Button';
import { Disclosure } from '../../ui/disclosure/Disclosure';
import { EntryLayout } from '../EntryLayout';

/** A screen threw: say so, and offer a way on. */
export function Broken({ error }: ErrorComponentProps) {
	const { t } = useTranslation('common');
	return (
		<EntryLayout title={t('broken.title')} lead={t('broken.lead')}>
			<Button kind="primary" wide onPress={() => window.location.reload()}>
				{t('health.reload')}
			</Button>
			<Disclosure title={t('health.details')}>
				<p lang="en" dir="auto">
					{error instanceof Error ? error.message : String(error)}
				</p>
			</Disclosure>
		</EntryLayout>
	);
}
