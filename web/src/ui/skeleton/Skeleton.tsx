import styles from './Skeleton.module.css';

export interface SkeletonProps {
	/** Any CSS length. */
	width?: string;
	height?: string;
	round?: boolean;
}

/** The shape of something that is about to be there. What stands around it says that it is loading. */
export function Skeleton({ width = '100%', height = '0.9em', round }: SkeletonProps) {
	return (
		<span
			aria-hidden="true"
			className={`${styles.skeleton} ${round ? styles.round : ''}`}
			style={{ width, height }}
		/>
	);
}
