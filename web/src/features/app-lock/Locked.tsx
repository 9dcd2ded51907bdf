import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EntryLayout } from '../../app/EntryLayout';
import { useAppStore } from '../../app/engine-context';
import { Button } from '../../ui/button/Button';
import { ConfirmButton } from '../../ui/confirm/ConfirmButton';
import { Disclosure } from '../../ui/disclosure/Disclosure';
import { Form } from '../../ui/form/Form';
import { TextField } from '../../ui/text-field/TextField';

/** The app lock is set: nothing is seen before it is opened. */
export function Locked({ wrong }: { wrong: boolean }) {
	const { t } = useTranslation('entry');
	const { actions } = useAppStore();
	const [unlock, setUnlock] = useState('');
	const [busy, setBusy] = useState(false);

	async function submit(): Promise<void> {
		if (unlock === '' || busy) return;
		setBusy(true);
		await actions.open({ unlock });
		setUnlock('');
		setBusy(false);
	}

	return (
		<EntryLayout title={t('locked.title')} lead={t('locked.lead')}>
			<Form onSubmit={() => void submit()}>
				<TextField
					label={t('lock.label')}
					value={unlock}
					onChange={setUnlock}
					error={wrong && unlock === '' ? t('locked.wrong') : null}
					autoComplete="current-password"
					autoFocus
					secret
					mono
				/>
				<Button type="submit" kind="primary" wide isPending={busy}>
					{t('locked.unlock')}
				</Button>
			</Form>
			<Disclosure title={t('locked.forgotten')}>
				<p>{t('locked.forgottenExplain')}</p>
				<ConfirmButton
					label={t('locked.startAnew')}
					question={t('locked.startAnewQuestion')}
					onConfirm={() => void actions.wipe()}
				/>
			</Disclosure>
		</EntryLayout>
	);
}
