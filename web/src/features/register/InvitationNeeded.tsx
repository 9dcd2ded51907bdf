import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EntryLayout } from '../../app/EntryLayout';
import { useFailureText } from '../../app/failures';
import type { Failure } from '../../engine/contract';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { Form } from '../../ui/form/Form';
import { ButtonLink } from '../../ui/link/ButtonLink';
import { TextField } from '../../ui/text-field/TextField';
import type { RegisterModel } from './register-model';

export interface InvitationNeededProps {
	model: RegisterModel;
	/** Why one is asked for. */
	reason: 'missing' | 'unreadable' | 'refused' | 'signedIn';
	/** Why the one that is there can't be used. */
	refusal?: Failure;
}

/** Where a link is pasted that could not be opened, or was opened incompletely. */
export function InvitationNeeded({ model, reason, refusal }: InvitationNeededProps) {
	const { t } = useTranslation('entry');
	const say = useFailureText();
	const [link, setLink] = useState('');
	if (reason === 'signedIn') {
		return (
			<EntryLayout title={t('invitation.signedInTitle')} lead={t('invitation.signedIn')}>
				<ButtonLink to="/" kind="primary" wide>
					{t('invitation.toConversations')}
				</ButtonLink>
			</EntryLayout>
		);
	}
	return (
		<EntryLayout
			title={t('invitation.title')}
			lead={t('invitation.lead')}
			below={<Link to="/sign-in">{t('invitation.haveAccount')}</Link>}
		>
			<Form onSubmit={() => void model.read(link)}>
				{reason === 'unreadable' && (
					<Banner tone="bad" live="alert">
						{t('invitation.unreadable')}
					</Banner>
				)}
				{refusal && (
					<Banner tone="bad" live="alert">
						{say(refusal)}
					</Banner>
				)}
				<TextField
					label={t('invitation.link')}
					value={link}
					onChange={setLink}
					autoComplete="off"
					exact
					mono
				/>
				<Button type="submit" kind="primary" wide>
					{t('next')}
				</Button>
			</Form>
		</EntryLayout>
	);
}
