import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApp, useAppStore } from '../../app/engine-context';
import { FailureBanner } from '../../app/FailureBanner';
import { findPerson } from '../../app/people';
import type { Failure } from '../../engine/contract';
import { Button } from '../../ui/button/Button';
import { ConfirmButton } from '../../ui/confirm/ConfirmButton';
import { Dialog } from '../../ui/dialog/Dialog';
import { isolate } from '../timeline/model/clean';

/** Interrupts: the keys of somebody are not those that were known. */
export function IdentityChanged({ member }: { member: string }) {
	const { t } = useTranslation('safety');
	const navigate = useNavigate();
	const { actions } = useAppStore();
	const person = useApp((state) => findPerson(state, member));
	const [busy, setBusy] = useState(false);
	const [failure, setFailure] = useState<Failure | null>(null);
	const name = isolate(person?.displayName ?? t('somebody'));
	const cause = person?.change ?? 'unknown';
	const later = () => actions.answerIdentity(member);

	async function accept(): Promise<void> {
		setBusy(true);
		setFailure(null);
		const outcome = await actions.perform({ do: 'acceptIdentity', member });
		setBusy(false);
		if (outcome.ok) actions.answerIdentity(member);
		else setFailure(outcome.failure);
	}

	return (
		<Dialog
			isOpen
			alert
			onClose={later}
			title={t(`changed.${cause}.title`, { name })}
			actions={
				<>
					<Button kind="quiet" onPress={later}>
						{t('changed.later')}
					</Button>
					<ConfirmButton
						label={t('changed.accept')}
						question={t('changed.acceptQuestion')}
						onConfirm={() => void accept()}
						isPending={busy}
					/>
					<Button
						kind="primary"
						onPress={() => {
							later();
							void navigate({ to: '/verify/$member', params: { member } });
						}}
					>
						{t('changed.compare')}
					</Button>
				</>
			}
		>
			<p>{t(`changed.${cause}.why`, { name })}</p>
			<p>{t(`changed.${cause}.what`, { name })}</p>
			<p>{t('changed.stopped', { name })}</p>
			<FailureBanner failure={failure} />
		</Dialog>
	);
}
