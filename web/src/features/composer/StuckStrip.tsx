import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAppStore } from '../../app/engine-context';
import { useFailureText } from '../../app/failures';
import type { Failure, Id, Stuck } from '../../engine/contract';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { isolate } from '../timeline/model/clean';

/** What follows from a change that can't be read; and the one question to who may answer it. */
export function StuckStrip({ conversation, stuck }: { conversation: Id; stuck: Stuck }) {
	const { t } = useTranslation('composer');
	const { actions } = useAppStore();
	const say = useFailureText();
	const [failure, setFailure] = useState<Failure | null>(null);
	const name = isolate(stuck.by);

	async function decide(start: boolean): Promise<void> {
		setFailure(null);
		const ended = await actions.perform({ do: 'decideRestart', conversation, start });
		if (!ended.ok) setFailure(ended.failure);
	}

	return (
		<>
			<Banner
				strip
				tone={stuck.asked ? 'warn' : 'calm'}
				live="status"
				action={
					stuck.may &&
					!stuck.started && (
						<>
							<Button kind="quiet" onPress={() => void decide(true)}>
								{t('stuck.start')}
							</Button>
							{stuck.asked && (
								<Button kind="quiet" onPress={() => void decide(false)}>
									{t('stuck.wait')}
								</Button>
							)}
						</>
					)
				}
			>
				{t(`stuck.${wordsOf(stuck)}`, { name })}
			</Banner>
			{failure !== null && (
				<Banner strip tone="bad" live="alert">
					{say(failure)}
				</Banner>
			)}
		</>
	);
}

function wordsOf(stuck: Stuck): 'waits' | 'putOff' | 'byItself' | 'started' | 'asked' | 'askedWithout' {
	if (stuck.started) return 'started';
	if (stuck.byItself) return 'byItself';
	if (stuck.asked) return stuck.without ? 'askedWithout' : 'asked';
	return stuck.may ? 'putOff' : 'waits';
}
