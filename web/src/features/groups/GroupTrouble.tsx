import { useTranslation } from 'react-i18next';
import { useApp, useAppStore } from '../../app/engine-context';
import { useFailureText } from '../../app/failures';
import { findPerson } from '../../app/people';
import type { Failure } from '../../engine/contract';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { isolate } from '../timeline/model/clean';

export interface GroupTroubleProps {
	failure: Failure | null;
	/** What did not work, in a sentence before why. */
	what?: string | null;
}

/** Why something did not work in a group, and what to do. Nothing while nothing is wrong. */
export function GroupTrouble({ failure, what }: GroupTroubleProps) {
	const { t } = useTranslation('groups');
	const say = useGroupFailure(Boolean(what));
	const { actions } = useAppStore();
	if (failure === null) return null;
	return (
		<Banner
			tone={failure.is === 'offline' ? 'calm' : 'bad'}
			live="alert"
			action={
				failure.is === 'identityChanged' && (
					<Button kind="quiet" onPress={() => actions.askIdentity(failure.member)}>
						{t('problem.review')}
					</Button>
				)
			}
		>
			{what ? `${what} ${say(failure)}` : say(failure)}
		</Banner>
	);
}

/** Failures as they are meant in a group; others have the words that they have everywhere. `named`: whom it is about is said before. */
function useGroupFailure(named: boolean): (failure: Failure) => string {
	const { t } = useTranslation('groups');
	const say = useFailureText();
	const app = useApp((state) => state);
	return (failure) => {
		switch (failure.is) {
			case 'name':
				return t('problem.title');
			case 'offline':
				return t('problem.offline');
			case 'noPerson':
				return t('problem.noPerson');
			case 'identityChanged': {
				const person = findPerson(app, failure.member);
				return person ? t('problem.identity', { name: isolate(person.displayName) }) : say(failure);
			}
			case 'server':
				if (failure.code !== 'key_packages_exhausted') return say(failure);
				return t(named ? 'problem.exhausted' : 'problem.exhaustedNew');
			default:
				return say(failure);
		}
	};
}
