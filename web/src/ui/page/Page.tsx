import type { ReactNode } from 'react';
import styles from './Page.module.css';
import { ScreenHeading } from './ScreenHeading';

export interface PageProps {
	title: string;
	/** Stands before the title: a way back. */
	back?: ReactNode;
	/** One sentence below the title. */
	lead?: ReactNode;
	children: ReactNode;
}

/** A screen of text and forms, as wide as reads well. */
export function Page({ title, back, lead, children }: PageProps) {
	return (
		<main id="main" className={styles.page}>
			<div className={styles.column}>
				<header className={styles.header}>
					{back}
					<ScreenHeading title={title} />
				</header>
				{lead && <p className={styles.lead}>{lead}</p>}
				{children}
			</div>
		</main>
	);
}

export interface SectionProps {
	title?: string;
	/** What the section is about. */
	lead?: ReactNode;
	children: ReactNode;
}

/** A part of a page. */
export function Section({ title, lead, children }: SectionProps) {
	return (
		<section className={styles.section}>
			{title && <h2 className={styles.sectionTitle}>{title}</h2>}
			{lead && <p className={styles.sectionLead}>{lead}</p>}
			{children}
		</section>
	);
}
