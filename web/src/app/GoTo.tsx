import { Navigate, type NavigateOptions } from '@tanstack/react-router';
import { Splash } from './Splash';

/** Goes on to another screen, and shows that something is coming until it is there: it may have to be loaded first. */
export function GoTo({ to, search }: Pick<NavigateOptions, 'to' | 'search'>) {
	return (
		<>
			<Splash />
			<Navigate to={to} search={search} replace />
		</>
	);
}
