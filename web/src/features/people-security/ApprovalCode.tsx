import styles from './Approval.module.css';

/** The code that two devices show, in groups, to be compared. */
export function ApprovalCode({ code, label }: { code: string; label: string }) {
	return (
		<p className={styles.code} translate="no" dir="ltr">
			<span className="visually-hidden">{label}</span>
			{code.split(' ').map((group, place) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: groups have no other name than their place
				<span key={place}>{group}</span>
			))}
		</p>
	);
}
