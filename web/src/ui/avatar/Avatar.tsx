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
}

/** A round of colour with initials. It only decorates: the name always stands beside it. */
export function Avatar({ name, id, size = 'medium' }: AvatarProps) {
	return (
		<span
			aria-hidden="true"
			className={`${styles.avatar} ${styles[size]}`}
			style={{ backgroundColor: `var(--face-${faceOf(id)})` }}
		>
			{initials(name)}
		</span>
	);
}
