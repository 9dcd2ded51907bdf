import { useState } from 'react';
import { Dialog } from 'react-aria-components/Dialog';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { DialogTrigger, Popover } from 'react-aria-components/Popover';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../../ui/button/IconButton';
import { SmileIcon } from '../../ui/icons';
import styles from './EmojiPicker.module.css';

/** Those that people send most; the keyboards of phones and systems have the rest. */
const emoji = [
	...['😀', '😄', '😂', '🤣', '🙂', '😉', '😊', '😍', '😘', '😋', '🤔', '😐', '🙄', '😬', '😴', '😎'],
	...['🥳', '😢', '😭', '😡', '😱', '🤯', '🤒', '🙈', '👍', '👎', '👏', '🙏', '💪', '🤝', '👋', '👌'],
	...['✌️', '🤞', '❤️', '💔', '🔥', '✨', '🎉', '🎂', '☕', '🍻', '🌍', '🌙', '☀️', '🌧️', '⚡', '🐈'],
	...['📷', '🎥', '🎙️', '📝', '📎', '📍', '🚗', '✈️', '⏰', '🔒', '🔑', '⚠️', '✅', '❌', '❓', '❗'],
];

/** A small choice of emoji. */
export function EmojiPicker({ onPick }: { onPick: (emoji: string) => void }) {
	const { t } = useTranslation('composer');
	const [open, setOpen] = useState(false);
	return (
		<DialogTrigger isOpen={open} onOpenChange={setOpen}>
			<IconButton label={t('emoji')}>
				<SmileIcon />
			</IconButton>
			<Popover placement="top start" className={styles.popover ?? ''}>
				<Dialog aria-label={t('emoji')} className={styles.dialog ?? ''}>
					<ListBox
						aria-label={t('emoji')}
						layout="grid"
						autoFocus="first"
						selectionMode="none"
						className={styles.grid ?? ''}
						onAction={(key) => {
							setOpen(false);
							onPick(String(key));
						}}
					>
						{emoji.map((one) => (
							<ListBoxItem key={one} id={one} textValue={one} className={styles.emoji ?? ''}>
								{one}
							</ListBoxItem>
						))}
					</ListBox>
				</Dialog>
			</Popover>
		</DialogTrigger>
	);
}
