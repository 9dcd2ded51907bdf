import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { Avatar } from '../../ui/avatar/Avatar';
import styles from './MessageRow.module.css';
import { MessageText } from './MessageText';
import { cleanLine, cleanText } from './model/clean';
import { placeTime, type Row } from './model/rows';
import { shorten } from './model/shorten';
import { clock, clockBeside, dateAndClock } from './model/times';
import { Ticks } from './Ticks';

type Message = Extract<Row, { is: 'message' }>;

export interface MessageRowProps {
	item: Message['item'];
	text: string;
	first: boolean;
	last: boolean;
	clocksApart: boolean;
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

/** A message. */
export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
	const { item, text, first, last, clocksApart, faces, opened, stop, active, onOpen } = props;
	const { t, i18n } = useTranslation('timeline');
	const language = i18n.language;
	const short = opened ? null : shorten(text);
	const shown = short ?? text;
	const name = cleanLine(item.senderName);
	const time = clock(placeTime(item), language);
	const spoken = { sender: name, time, text: cleanText(shown) };
	const label =
		item.own && item.state !== null
			? t('ownMessage', { ...spoken, state: t(`state.${item.state}`) })
			: t('message', spoken);
	const side = item.own ? styles.own : styles.other;
	return (
		<article
			aria-label={label}
			data-key={item.key}
			tabIndex={stop ? 0 : -1}
			className={`${styles.row} ${side} ${first ? styles.first : ''} ${last ? styles.last : ''}`}
		>
			{faces && !item.own && (
				<span className={styles.face}>{last && <Avatar name={name} id={item.sender} size="small" />}</span>
			)}
			<div className={styles.bubble}>
				{faces && first && !item.own && (
					<bdi className={styles.name} data-face={item.sender}>
						{name}
					</bdi>
				)}
				<div className={styles.content}>
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
						{clocksApart && <Clocks time={item.time} rowTime={placeTime(item)} language={language} />}
						<time
							dateTime={new Date(placeTime(item)).toISOString()}
							title={dateAndClock(placeTime(item), language)}
						>
							{time}
						</time>
						{item.own && item.state !== null && <Ticks state={item.state} />}
					</span>
				</div>
			</div>
		</article>
	);
});

function Clocks({ time, rowTime, language }: { time: number; rowTime: number; language: string }) {
	const { t } = useTranslation('timeline');
	const author = clockBeside(time, rowTime, language);
	return (
		<span className={styles.apart} title={t('clocksApart', { author, server: clock(rowTime, language) })}>
			{t('clocksApartShort', { author })}
		</span>
	);
}
