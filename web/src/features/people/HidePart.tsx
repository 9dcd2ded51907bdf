import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAppStore } from '../../app/engine-context';
import { useFailureText } from '../../app/failures';
import type { Conversation, Failure } from '../../engine/contract';
import { Button } from '../../ui/button/Button';
import styles from './DetailsPane.module.css';

/** Out of sight until something is written there: what nobody can leave, and what is over. */
export function HidePart({ conversation }: { conversation: Conversation }) {
	const { t } = useTranslation('people');
	const say = useFailureText();
	const app = useAppStore();
	const navigate = useNavigate();
	const [failed, setFailed] = useState<Failure | null>(null);
	if (!conversation.direct && !conversation.gone) return null;
	const { hidden } = conversation;
	const press = async () => {
		const ended = await app.actions.perform({
			do: 'hide',
			conversation: conversation.conversation,
			hidden: !hidden,
		});
		if (!ended.ok) return setFailed(ended.failure);
		if (!hidden) void navigate({ to: '/' });
	};
	return (
		<div className={styles.hide}>
			<Button onPress={() => void press()}>{t(hidden ? 'hide.back' : 'hide.action')}</Button>
			<p className={styles.why}>{t(`hide.${whyOf(conversation)}`)}</p>
			{failed && <p role="alert">{say(failed)}</p>}
		</div>
	);
}

function whyOf({ gone, closed, hidden }: Conversation): 'gone' | 'over' | 'isHidden' | 'lead' {
	if (gone) return 'gone';
	if (closed) return 'over';
	return hidden ? 'isHidden' : 'lead';
}
