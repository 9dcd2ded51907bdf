import { MARK_PATH } from './path';

/** The mark: a cat's head that is a speech bubble, its tail the pointer. It only decorates: the name stands beside it. */
export function Mark({ size = '2rem' }: { size?: string }) {
	return (
		<svg viewBox="3 4 58 58" style={{ width: size, height: size, color: 'var(--accent)' }} aria-hidden="true">
			<path d={MARK_PATH} fill="currentColor" fillRule="evenodd" />
		</svg>
	);
}
