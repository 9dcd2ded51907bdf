import { useEffect, useRef } from 'react';
import styles from './Approval.module.css';

/**
 * The code that two devices show, in groups, to be compared. It takes the focus when it appears, so that it is read aloud at once: digit
 * by digit, as it could not be compared as one number.
 */
export function ApprovalCode({ code, label }: { code: string; label: string }) {
	const shown = useRef<HTMLParagraphElement>(null);
	// biome-ignore lint/correctness/useExhaustiveDependencies: another code is to be read as well
	useEffect(() => shown.current?.focus(), [code]);
	const groups = code.split(' ');
	return (
		<p ref={shown} tabIndex={-1} className={styles.code} translate="no" dir="ltr">
			<span className="visually-hidden">
				{label} {groups.map((group) => [...group].join(' ')).join(', ')}
			</span>
			{groups.map((group, place) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: groups have no other name than their place
				<span key={place} aria-hidden="true">
					{group}
				</span>
			))}
		</p>
	);
}
