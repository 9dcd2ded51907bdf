import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { Failure } from '../engine/contract';
import type errors from '../locales/en/errors.json';

type ServerCode = keyof (typeof errors)['server'];

/** A failure in words that say what to do. The server's own words are never shown: its code is translated. */
export function failureText(t: TFunction<'errors'>, failure: Failure): string {
	if (failure.is !== 'server') return t(`failure.${failure.is}`);
	const known = t(`server.${failure.code as ServerCode}`, { defaultValue: '' });
	const text = known || t('server.unknown', { code: failure.code });
	if (!failure.retryAfterMs) return text;
	return `${text} ${t('again', { count: Math.ceil(failure.retryAfterMs / 1000) })}`;
}

/** The same for components: `const say = useFailureText()`. */
export function useFailureText(): (failure: Failure) => string {
	const { t } = useTranslation('errors');
	return (failure) => failureText(t, failure);
}
