import type { TFunction } from 'i18next';
import { memo } from 'react';
import { formatFor } from '../../app/format';
import { Avatar, faceOf } from '../../ui/avatar/Avatar';
import { TimerIcon } from '../../ui/icons';
import styles from './MessageRow.module.css';
import { MessageText } from './MessageText';
import { cleanLine, cleanText } from './model/clean';
import { bigEmoji } from './model/emoji';
import { placeTime, type Row } from './model/rows';
import { shorten } from './model/shorten';
import { clock, clockBeside, dateAndClock } from './model/times';
import { Ticks } from './Ticks';

type Message = Extract<Row, { is: 'message' }>;

/** How long until then, in the largest unit that fits; at least a minute. */
function remaining(until: number, language: string): string {
	return formatFor(language).duration(Math.max(60_000, until - Date.now()));
}

/** What may stand above or below its line. */
const marks = /\p{M}/u;

export interface MessageRowProps {
	item: Message['item'];
	text: string;
	first: boolean;
	last: boolean;
	clocksApart: boolean;
	/** Translates; asked for once for all rows, as each of them counts. */
	t: TFunction<'timeline'>;
	language: string;
	/** In a group the sender's name and face stand beside the message. */
	faces: boolean;
	/** The whole of a long text is shown. */
	opened: boolean;
	/** Tab comes here. */
	stop: boolean;
	/** It has the focus: Tab goes on to its links. */
	active: boolean;
	onOpen: (key: string) => void;
}

/** Where a message stands in its row: on which side, and how far from the one above. */
export function placeOf({ item, first }: Pick<Message, 'item' | 'first'>): string {
	return `${styles.place} ${item.own ? styles.ownPlace : ''} ${first ? styles.firstPlace : ''}`;
}

/** A message. Few elements, as hundreds of them come and go while one scrolls. */
export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
	const { item, text, first, last, clocksApart, language, faces, opened, stop, active, onOpen } = props;
	const t: TFunction<'timeline'> = props.t;
	const short = opened ? null : shorten(text);
	const shown = cleanText(short ?? text);
	const name = cleanLine(item.senderName);
	const rowTime = placeTime(item);
	const time = clock(rowTime, language);
	const state = item.own && item.state !== null ? t(`state.${item.state}`) : null;
	// how long it stays is said as it is when the row is made: a rough time is enough
	const left = item.expires === 0 ? null : t('disappears', { left: remaining(item.expires, language) });
	const spoken = { sender: name, time: left === null ? time : `${time}, ${left}`, text: shown };
	const named = faces && !item.own;
	const look = [styles.bubble, item.own ? styles.own : styles.other, first && styles.first];
	if (marks.test(shown)) look.push(styles.marks);
	if (bigEmoji(shown)) look.push(styles.big);
	return (
		<>
			{named && (
				<span className={styles.face}>{last && <Avatar name={name} id={item.sender} size="small" />}</span>
			)}
			<article
				aria-label={state === null ? t('message', spoken) : t('ownMessage', { ...spoken, state })}
				data-key={item.key}
				dir="auto"
				tabIndex={stop ? 0 : -1}
				className={look.filter(Boolean).join(' ')}
			>
				{named && first && (
					<bdi className={styles.name} style={{ color: `var(--name-${faceOf(item.sender)})` }}>
						{name}
					</bdi>
				)}
				<MessageText text={shown} reachable={active} />
				{short !== null && (
					<button
						type="button"
						className={styles.more}
						tabIndex={active ? 0 : -1}
						onClick={() => onOpen(item.key)}
					>
						{t('showMore')}
					</button>
				)}
				<span className={styles.meta}>
					{clocksApart && <Clocks time={item.time} rowTime={rowTime} t={t} language={language} />}
					{left !== null && <TimerIcon className={styles.timer} />}
					<time
						dir="ltr"
						dateTime={new Date(rowTime).toISOString()}
						// most are never pointed at
						onPointerEnter={({ currentTarget }) => {
							currentTarget.title = dateAndClock(rowTime, language);
						}}
					>
						{time}
					</time>
					{item.state !== null && state !== null && <Ticks state={item.state} name={state} />}
				</span>
			</article>
		</>
	);
});

interface ClocksProps {
	time: number;
	rowTime: number;
	t: TFunction<'timeline'>;
	language: string;
}

/** The author's clock, where it disagrees with the server's. */
function Clocks({ time, rowTime, language, ...props }: ClocksProps) {
	const t: TFunction<'timeline'> = props.t;
	const author = clockBeside(time, rowTime, language);
	return (
		<span
			dir="ltr"
			className={styles.apart}
			title={t('clocksApart', { author, server: clock(rowTime, language) })}
		>
			{t('clocksApartShort', { author })}
		</span>
	);
}
