import { useEffect, useRef } from 'react';
import { usePageTitle } from '../../app/title';
import styles from './Page.module.css';

let arrived = false;

export interface ScreenHeadingProps {
	/** Also the title of the tab. */
	title: string;
}

/**
 * The heading of a screen. When it appears, the focus moves to it, so that screen readers and keyboards begin there; not on the
 * first screen of all, where the browser does that, and not when a field of the screen took it to be typed into.
 */
export function ScreenHeading({ title }: ScreenHeadingProps) {
	const heading = useRef<HTMLHeadingElement>(null);
	const first = useRef(false);
	useEffect(() => {
		if (first.current) return;
		first.current = !arrived;
		arrived = true;
		const typing = document.activeElement instanceof HTMLInputElement;
		if (!first.current && !typing) heading.current?.focus({ preventScroll: true });
	}, []);
	usePageTitle(title);
	return (
		<h1 ref={heading} tabIndex={-1} className={styles.heading}>
			{title}
		</h1>
	);
}
