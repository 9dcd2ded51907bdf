import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useLinkGuard } from './LinkGuard';
import styles from './MessageText.module.css';
import { type Link, parts } from './model/links';

export interface MessageTextProps {
	/** Made fit to be shown (`cleanText`). */
	text: string;
	/** Its links can be reached by Tab. */
	reachable: boolean;
}

/** What somebody wrote: text, and links that show where they lead. */
export function MessageText({ text, reachable }: MessageTextProps) {
	const found = useMemo(() => parts(text), [text]);
	return found.map((part) =>
		part.is === 'text' ? part.text : <TextLink key={part.at} part={part} reachable={reachable} />,
	);
}

function TextLink({ part, reachable }: { part: Link; reachable: boolean }) {
	const { t } = useTranslation('timeline');
	const ask = useLinkGuard();
	return (
		<>
			<a
				href={part.href}
				target="_blank"
				rel="noopener noreferrer"
				dir="ltr"
				tabIndex={reachable ? 0 : -1}
				className={styles.link}
				onClick={(event) => {
					if (!part.lying) return;
					event.preventDefault();
					ask(part);
				}}
				// the middle button opens tabs too
				onAuxClick={(event) => {
					if (part.lying) event.preventDefault();
				}}
			>
				{part.text}
			</a>
			{!part.plain && (
				<bdi className={part.lying ? styles.lying : styles.host}>
					{' '}
					({t('link.leads', { host: part.host })})
				</bdi>
			)}
		</>
	);
}
