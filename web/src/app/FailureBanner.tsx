import { memo } from 'react';
import type { Failure } from '../engine/contract';
import { Banner } from '../ui/banner/Banner';
import { useFailureText } from './failures';

/** What went wrong with something that was just tried, read aloud at once; nothing while nothing did. */
export const FailureBanner = memo(function FailureBanner({ failure }: { failure: Failure | null }) {
	const say = useFailureText();
	if (failure === null) return null;
	return (
		<Banner tone="bad" live="alert">
			{say(failure)}
		</Banner>
	);
});
