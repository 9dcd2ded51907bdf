import { useState } from 'react';
import { characters } from '../text/characters';
import styles from './Avatar.module.css';

const FACES = 8;

/** The letters that stand for a name: of its first and last word, whole characters of any script. */
export function initials(name: string): string {
	const words = name.trim().split(/\s+/u).filter(Boolean);
	const first = firstCharacter(words[0] ?? '');
	const last = words.length > 1 ? firstCharacter(words[words.length - 1] ?? '') : '';
	return (first + last).toLocaleUpperCase() || '?';
}

function firstCharacter(word: string): string {
	for (const { segment } of characters(word)) return segment;
	return '';
}

/** The same colour for the same id, on all devices. */
export function faceOf(id: string): number {
	let sum = 0;
	for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
	return sum % FACES;
}

export interface AvatarProps {
	/** Whose initials. */
	name: string;
	/** What the colour comes from: the member, or the conversation. */
	id: string;
	size?: 'small' | 'medium' | 'large';
	/** The address of a picture, which stands in place of the initials. */
	picture?: string | null;
}

/** A round of colour with initials, or a picture. It only decorates: the name always stands beside it. */
export function Avatar({ name, id, size = 'medium', picture = null }: AvatarProps) {
	// what can't be shown is as good as none
	const [broken, setBroken] = useState<string | null>(null);
	return (
		<span
			aria-hidden="true"
			className={`${styles.avatar} ${styles[size]}`}
			style={{ backgroundColor: `var(--face-${faceOf(id)})` }}
		>
			{picture !== null && picture !== broken ? (
				<img
					src={picture}
					alt=""
					draggable={false}
					className={styles.picture}
					onError={() => setBroken(picture)}
				/>
			) : (
				initials(name)
			)}
		</span>
	);
}
