import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual';
import { memo, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { useLocale } from '../../app/format';
import { useNow } from '../../app/now';
import { DayLine, NewLine } from './Lines';
import { MessageRow, type MessageRowProps, placeOf } from './MessageRow';
import { Estimates } from './model/estimate';
import { focusable, type Move, target } from './model/focus';
import type { Row } from './model/rows';
import type { TalkModel } from './model/talk-model';
import { Older } from './Older';
import styles from './Rows.module.css';
import { SystemRow } from './SystemRow';

/** Room above the first row, where it is said what comes before; it is always there, so that nothing moves. */
const topRoom = 72;
const bottomRoom = 12;
/** This near to the end counts as at the end, in px. */
const endRoom = 48;

const moves: Record<string, Move> = { ArrowUp: 'up', ArrowDown: 'down', Home: 'first', End: 'last' };

/** The rows that are in sight, of those that are in memory. Drawn anew (`key`) after each jump. */
export function Rows({ model, title, faces }: { model: TalkModel; title: string; faces: boolean }) {
	const { t } = useTranslation('timeline');
	const language = useLocale();
	const rows = useStore(model, (state) => state.rows);
	const newer = useStore(model, (state) => state.window.newer);
	const opened = useStore(model, (state) => state.opened);
	const opening = useOpening(opened);
	const now = useNow(60_000);
	const scroller = useRef<HTMLDivElement>(null);
	const [active, setActive] = useState<string | null>(null);
	const activeIndex = active === null ? -1 : rows.findIndex((row) => row.key === active);

	// the row with the focus stays in the page wherever one scrolls, or the focus would be lost
	const rangeExtractor = useCallback(
		(range: Range) => withIndex(defaultRangeExtractor(range), activeIndex, range.count),
		[activeIndex],
	);
	// another function has all heights summed up anew
	const getItemKey = useCallback((index: number) => rows[index]?.key ?? index, [rows]);
	const estimates = useEstimates(scroller, faces);
	const virtualizer = useVirtualizer({
		count: rows.length,
		getScrollElement: () => scroller.current,
		getItemKey,
		estimateSize: (index) => estimates().of(rows[index]),
		initialOffset: () => {
			const guess = estimates();
			return rows.reduce((sum, row) => sum + guess.of(row), topRoom);
		},
		rangeExtractor,
		overscan: 5,
		paddingStart: topRoom,
		paddingEnd: bottomRoom,
		anchorTo: 'end',
		followOnAppend: !newer,
		// whoever opens the last message reads on where it was cut, and is not taken to its end
		scrollEndThreshold: opening ? -1 : endRoom,
		directDomUpdates: true,
		directDomUpdatesMode: 'position',
		onChange: () => tellSight(),
	});
	// a row whose height was guessed exactly right counts as not measured yet: what it grows by when it is opened would be taken for
	// a wrong guess, and scrolled past
	virtualizer.shouldAdjustScrollPositionOnItemSizeChange = opening
		? (row) => row.end <= (virtualizer.scrollOffset ?? 0)
		: undefined;

	function tellSight(): void {
		const { range } = virtualizer;
		if (range === null) return;
		model.sees({
			firstIndex: range.startIndex,
			lastIndex: range.endIndex,
			atEnd: distanceFromEnd(virtualizer) <= endRoom,
		});
	}

	useBusy(model, scroller);
	useStart(model, virtualizer);
	useEndKept(model, virtualizer, scroller);
	// what is in sight can change without any scrolling: a message arrives
	// biome-ignore lint/correctness/useExhaustiveDependencies: told anew for new rows
	useEffect(tellSight, [rows]);

	const wanted = useRef(false);
	useLayoutEffect(() => {
		if (!wanted.current || activeIndex < 0) return;
		wanted.current = false;
		virtualizer.scrollToIndex(activeIndex, { align: 'auto' });
		elementOf(scroller.current, active)?.focus({ preventScroll: true });
	});

	const items = virtualizer.getVirtualItems();
	const stop =
		activeIndex >= 0 ? activeIndex : lastFocusable(rows, virtualizer.range?.endIndex ?? rows.length - 1);
	return (
		<div
			ref={scroller}
			className={styles.scroller}
			role="log"
			aria-label={t('log', { title })}
			// what arrives is said by the Announcer; rows come and go here by scrolling alone
			aria-live="off"
			onKeyDown={(event) => {
				const move = event.ctrlKey || event.metaKey || event.altKey ? undefined : moves[event.key];
				if (move === undefined) return;
				event.preventDefault();
				if (move === 'last' && newer) {
					model.jumpToLatest();
					return;
				}
				const next = target(rows, activeIndex >= 0 ? activeIndex : stop, move);
				if (next === null) return;
				wanted.current = true;
				setActive(next);
			}}
			onFocus={(event) => setActive(keyOf(event.target) ?? active)}
			onBlur={(event) => {
				if (!event.currentTarget.contains(event.relatedTarget)) setActive(null);
			}}
		>
			<div ref={virtualizer.containerRef} className={styles.rows}>
				<Older model={model} height={topRoom} />
				{items.map(({ index, key }) => (
					<div
						key={key}
						data-index={index}
						ref={virtualizer.measureElement}
						className={`${styles.row} ${rows[index]?.is === 'message' ? placeOf(rows[index]) : ''}`}
					>
						<OneRow
							row={rows[index]}
							t={t}
							language={language}
							now={now}
							faces={faces}
							opened={opened.has(String(key))}
							stop={index === stop}
							active={index === activeIndex}
							onOpen={model.open}
						/>
					</div>
				))}
			</div>
		</div>
	);
}

type Virtualizer = ReturnType<typeof useVirtualizer<HTMLDivElement, Element>>;

/** How much is below what is in sight, by what is known: to ask the page would have it laid out, for each step of scrolling. */
function distanceFromEnd({ getTotalSize, scrollOffset, scrollRect }: Virtualizer): number {
	return getTotalSize() - (scrollOffset ?? 0) - (scrollRect?.height ?? 0);
}

/** Guesses for the room that the rows have; when that changes they are measured anyway. */
function useEstimates(scroller: React.RefObject<HTMLDivElement | null>, faces: boolean): () => Estimates {
	const made = useRef<Estimates | null>(null);
	return () => {
		if (made.current !== null) return made.current;
		const root = document.documentElement;
		const rem = Number.parseFloat(getComputedStyle(root).fontSize);
		const width = scroller.current?.clientWidth ?? root.clientWidth;
		const estimates = new Estimates({ width, rem, faces });
		if (scroller.current !== null) made.current = estimates;
		return estimates;
	};
}

/** Tells that more is being read, past React: nothing else on the page changes by it, and it happens while one scrolls. */
function useBusy(model: TalkModel, scroller: React.RefObject<HTMLDivElement | null>): void {
	useLayoutEffect(() => {
		const tell = () => {
			scroller.current?.setAttribute('aria-busy', String(model.getState().window.loading !== null));
		};
		tell();
		return model.subscribe(tell);
	}, [model, scroller]);
}

/** Whether a long message is being opened: for the moment until its height is known. */
function useOpening(opened: ReadonlySet<string>): boolean {
	const [settled, setSettled] = useState(opened);
	useEffect(() => {
		let frame = requestAnimationFrame(() => {
			frame = requestAnimationFrame(() => setSettled(opened));
		});
		return () => cancelAnimationFrame(frame);
	}, [opened]);
	return settled !== opened;
}

/** Goes where the window begins: to the end, or to a message with the line above it. */
function useStart(model: TalkModel, virtualizer: Virtualizer): void {
	// biome-ignore lint/correctness/useExhaustiveDependencies: once, after a jump
	useLayoutEffect(() => {
		const { rows, window } = model.getState();
		const { start } = window;
		if (start.at === 'end') {
			virtualizer.scrollToEnd();
			return;
		}
		const index = rows.findIndex(
			(row) => 'item' in row && (row.item.seq === null || row.item.seq >= start.seq),
		);
		const line = rows[index - 1]?.is === 'new' ? index - 1 : index;
		virtualizer.scrollToIndex(Math.max(0, line), { align: 'start' });
	}, []);
}

/** Whoever reads the end goes on doing so when the room for it changes, as when the composer grows. */
function useEndKept(
	model: TalkModel,
	virtualizer: Virtualizer,
	scroller: React.RefObject<HTMLDivElement | null>,
): void {
	useEffect(() => {
		const element = scroller.current;
		if (element === null) return;
		let height = element.clientHeight;
		const observer = new ResizeObserver(() => {
			const before = height;
			height = element.clientHeight;
			if (before !== height && model.getState().atEnd) virtualizer.scrollToEnd();
		});
		observer.observe(element);
		return () => observer.disconnect();
	}, [model, virtualizer, scroller]);
}

interface OneRowProps
	extends Pick<MessageRowProps, 't' | 'language' | 'faces' | 'opened' | 'stop' | 'active' | 'onOpen'> {
	row: Row | undefined;
	now: number;
}

const OneRow = memo(function OneRow({ row, now, ...rest }: OneRowProps) {
	switch (row?.is) {
		case 'day':
			return <DayLine time={row.time} now={now} />;
		case 'new':
			return <NewLine />;
		case 'system':
			return <SystemRow item={row.item} stop={rest.stop} />;
		case 'message':
			return (
				<MessageRow
					item={row.item}
					text={row.text}
					first={row.first}
					last={row.last}
					clocksApart={row.clocksApart}
					{...rest}
				/>
			);
		default:
			return null;
	}
});

function withIndex(indexes: number[], index: number, count: number): number[] {
	if (index < 0 || index >= count || indexes.includes(index)) return indexes;
	return [...indexes, index].sort((a, b) => a - b);
}

function lastFocusable(rows: readonly Row[], from: number): number {
	for (let index = Math.min(from, rows.length - 1); index >= 0; index -= 1) {
		if (focusable(rows[index])) return index;
	}
	return rows.findIndex(focusable);
}

function keyOf(element: Element): string | undefined {
	return element.closest<HTMLElement>('[data-key]')?.dataset.key;
}

function elementOf(root: HTMLElement | null, key: string | null): HTMLElement | null {
	if (root === null || key === null) return null;
	return root.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
}
