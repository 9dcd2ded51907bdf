import { useTranslation } from 'react-i18next';
import { useFailureText } from '../../app/failures';
import type { Failure } from '../../engine/contract';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';

export interface SearchTroubleProps {
	failure: Failure;
	/** null: there is nothing to be tried again. */
	onRetry: (() => void) | null;
}

/** Why nobody is found, or can't be written to. */
export function SearchTrouble({ failure, onRetry }: SearchTroubleProps) {
	const { t } = useTranslation('people');
	const say = useFailureText();
	return (
		<Banner
			tone={failure.is === 'offline' ? 'calm' : 'bad'}
			live="alert"
			action={
				onRetry && (
					<Button kind="quiet" onPress={onRetry}>
						{t('new.retry')}
					</Button>
				)
			}
		>
			{say(failure)}
		</Banner>
	);
}
