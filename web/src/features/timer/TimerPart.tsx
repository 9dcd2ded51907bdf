import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAppStore } from '../../app/engine-context';
import { useFailureText } from '../../app/failures';
import { useMedia } from '../../app/use-media';
import type { Conversation, Failure } from '../../engine/contract';
import { Banner } from '../../ui/banner/Banner';
import { Choice } from '../../ui/choice/Choice';
import { choices } from './choices';
import styles from './TimerPart.module.css';
import { useTimerWords } from './use-timer-words';

/** After how long messages disappear; who may, chooses it. */
export function TimerPart({ conversation }: { conversation: Conversation }) {
	const { t } = useTranslation('timer');
	const Heading = useMedia('phone') ? 'h3' : 'h4';
	const words = useTimerWords();
	const say = useFailureText();
	const { chosen, failure, choose } = useChoosing(conversation);
	const own = choices.some((one) => one.seconds === chosen);
	const options = choices.map((one) => ({ value: String(one.seconds), label: t(`choice.${one.words}`) }));
	if (!own) options.push({ value: String(chosen), label: words(chosen) });
	return (
		<section className={styles.part}>
			<Heading className={styles.heading}>{t('title')}</Heading>
			{conversation.maySetTimer ? (
				<Choice
					label={t('title')}
					labelHidden
					value={String(chosen)}
					onChange={(value) => void choose(Number(value))}
					options={options}
				/>
			) : (
				<p className={styles.said}>{chosen === 0 ? t('say.off') : t('say.on', { after: words(chosen) })}</p>
			)}
			{failure !== null && (
				<Banner tone={failure.is === 'offline' ? 'calm' : 'bad'} live="alert">
					{say(failure)}
				</Banner>
			)}
			<p className={styles.hint}>{t(conversation.direct ? 'hint.direct' : 'hint.group')}</p>
			<p className={styles.hint}>{t('honest')}</p>
		</section>
	);
}

/** What was chosen shows at once, and goes back if that did not work. */
function useChoosing({ conversation, timer }: Conversation) {
	const { actions } = useAppStore();
	const [coming, setComing] = useState<number | null>(null);
	const [failure, setFailure] = useState<Failure | null>(null);
	async function choose(seconds: number): Promise<void> {
		setComing(seconds);
		setFailure(null);
		const ended = await actions.perform({ do: 'setTimer', conversation, seconds });
		setComing(null);
		if (!ended.ok) setFailure(ended.failure);
	}
	return { chosen: coming ?? timer, failure, choose };
}
