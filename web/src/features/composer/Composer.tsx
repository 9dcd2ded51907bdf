import {
	type KeyboardEvent,
	type RefObject,
	Suspense,
	useEffect,
	useId,
	useLayoutEffect,
	useState,
} from 'react';
import { useTranslation } from 'react-i18next';
import { useApp, useEngine } from '../../app/engine-context';
import { useLocale } from '../../app/format';
import { later } from '../../app/later';
import { type Conversation, isStoreFailure } from '../../engine/contract';
import { IconButton } from '../../ui/button/IconButton';
import { SendIcon } from '../../ui/icons';
import { TimerMark } from '../timer/TimerMark';
import { useTimerWords } from '../timer/use-timer-words';
import { BlockedBar } from './BlockedBar';
import styles from './Composer.module.css';
import { EmojiPicker } from './EmojiPicker';
import { Draft } from './model/draft';
import { type Length, lengthOf, textBytesMax } from './model/limit';
import { blockedBy, sends } from './model/sending';

/** Conversations seldom stand still: what says so is loaded then. */
const StuckStrip = later(() => import('./StuckStrip').then((part) => part.StuckStrip), []);

export interface ComposerProps {
	conversation: Conversation;
	title: string;
	/** Takes over what was written; the draft is gone then. */
	onSend: (text: string) => void;
	/** There are words that could not be sent after all: they stand in the field again. */
	returned: boolean;
	/** Takes them. */
	takeReturned: () => string | null;
	fieldRef: RefObject<HTMLTextAreaElement | null>;
}

/** Where one writes; or, where one can't, why. */
export function Composer(props: ComposerProps) {
	const blocked = blockedBy(props.conversation);
	if (blocked !== null) return <BlockedBar blocked={blocked} />;
	const { stuck, conversation } = props.conversation;
	return (
		<>
			{stuck !== null && (
				<Suspense fallback={null}>
					<StuckStrip conversation={conversation} stuck={stuck} />
				</Suspense>
			)}
			<Writing {...props} />
		</>
	);
}

function Writing({ conversation, title, onSend, returned, takeReturned, fieldRef }: ComposerProps) {
	const { t } = useTranslation('composer');
	const { text, write, sent } = useDraft(conversation, returned, takeReturned);
	const enterSends = useApp((state) => state.settings.enterSends);
	const readOnly = useApp((state) => state.connection.is === 'readOnly');
	const length = lengthOf(text);
	const sendable = text.trim() !== '' && !length?.over;
	const hint = useId();
	const timerWords = useTimerWords();
	const { t: timer } = useTranslation('timer');
	useGrowing(fieldRef, text);

	function send(): void {
		if (!sendable) return;
		onSend(text);
		sent();
		fieldRef.current?.focus();
	}

	function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>): void {
		const { isComposing } = event.nativeEvent;
		const { key, shiftKey, ctrlKey, metaKey, altKey, keyCode } = event;
		if (!sends({ key, shiftKey, ctrlKey, metaKey, altKey, keyCode, isComposing }, enterSends)) return;
		event.preventDefault();
		send();
	}

	function insert(emoji: string): void {
		const field = fieldRef.current;
		const at = field?.selectionStart ?? text.length;
		const end = field?.selectionEnd ?? at;
		write(text.slice(0, at) + emoji + text.slice(end));
		requestAnimationFrame(() => {
			field?.focus();
			field?.setSelectionRange(at + emoji.length, at + emoji.length);
		});
	}

	return (
		<div className={styles.composer}>
			{readOnly && text.trim() !== '' && <p className={styles.note}>{t('queued')}</p>}
			<div className={styles.bar}>
				<EmojiPicker onPick={insert} />
				<textarea
					ref={fieldRef}
					className={styles.field}
					dir="auto"
					rows={1}
					value={text}
					placeholder={t('placeholder')}
					aria-label={t('label', { title })}
					aria-describedby={hint}
					aria-invalid={length?.over ?? false}
					enterKeyHint={enterSends ? 'send' : 'enter'}
					onChange={(event) => write(event.target.value)}
					onKeyDown={onKeyDown}
				/>
				<TimerMark seconds={conversation.timer} />
				<IconButton label={t('send')} kind="accent" isDisabled={!sendable} onPress={send}>
					<SendIcon />
				</IconButton>
			</div>
			<p id={hint} className="visually-hidden">
				{t(enterSends ? 'hintEnter' : 'hintCtrlEnter')}
				{conversation.timer !== 0 && ` – ${timer('mark', { after: timerWords(conversation.timer) })}`}
			</p>
			<LengthNote length={length} />
		</div>
	);
}

/** The length is told once it comes near the limit, and before anything is sent. */
function LengthNote({ length }: { length: Length | null }) {
	const language = useLocale();
	const { t } = useTranslation('composer');
	const number = new Intl.NumberFormat(language);
	const told = length && { bytes: number.format(length.bytes), max: number.format(textBytesMax) };
	return (
		<p role="status" className={length?.over ? styles.over : styles.near}>
			{told && t(length.unkept ? 'farTooLong' : length.over ? 'tooLong' : 'near', told)}
		</p>
	);
}

/** What is being written in this conversation, kept when one goes elsewhere. */
function useDraft(conversation: Conversation, returned: boolean, takeReturned: () => string | null) {
	const engine = useEngine();
	const [draft] = useState(() => new Draft(engine, conversation.conversation, conversation.draft));
	const [text, setText] = useState(draft.text);
	useEffect(() => {
		if (draft.kept(conversation.draft)) setText(draft.text);
	}, [draft, conversation.draft]);
	useEffect(() => {
		const save = () => draft.save();
		// the last moments at which a page can be sure of doing something; for what is to reach the worker, `pagehide` is too late in
		// Firefox when a page is loaded anew
		document.addEventListener('visibilitychange', save);
		window.addEventListener('beforeunload', save);
		window.addEventListener('pagehide', save);
		return () => {
			save();
			document.removeEventListener('visibilitychange', save);
			window.removeEventListener('beforeunload', save);
			window.removeEventListener('pagehide', save);
		};
	}, [draft]);
	useEffect(
		() =>
			engine.subscribe((update) => {
				if (update.is === 'failed' && isStoreFailure(update.failure)) draft.refused();
			}),
		[draft, engine],
	);
	const write = (value: string) => {
		draft.write(value);
		setText(value);
	};
	useEffect(() => {
		const text = returned ? takeReturned() : null;
		if (text === null) return;
		draft.write(draft.text === '' ? text : `${text}\n${draft.text}`);
		setText(draft.text);
	}, [draft, returned, takeReturned]);
	const sent = () => {
		write('');
		draft.save();
	};
	return { text, write, sent };
}

/** The field is as high as its text, up to eight lines (a maximum in the style sheet). */
function useGrowing(field: RefObject<HTMLTextAreaElement | null>, text: string): void {
	// biome-ignore lint/correctness/useExhaustiveDependencies: measured anew for another text
	useLayoutEffect(() => {
		const element = field.current;
		if (element === null || CSS.supports('field-sizing', 'content')) return;
		element.style.height = 'auto';
		element.style.height = `${element.scrollHeight + 2}px`;
	}, [field, text]);
}
