import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

export interface Format {
	/** "3 Nov 2026, 14:02" */
	dateTime(ms: number): string;
	/** "3 November 2026" */
	date(ms: number): string;
	/** "14:02" */
	time(ms: number): string;
	/** "5 minutes ago", "yesterday"; older than a week: the date. */
	ago(ms: number, now: number): string;
	/** "2 hours": the largest unit that fits. */
	duration(ms: number): string;
	/** "12.4 MB" */
	bytes(bytes: number): string;
	list(items: string[]): string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Made when it is used for the first time: the browser takes milliseconds for each. */
function later<T>(make: () => T): () => T {
	let made: T | undefined;
	return () => {
		made ??= make();
		return made;
	};
}

const formats = new Map<string, Format>();

/** Dates, sizes and lists as a language writes them; the same object for the same language. */
export function formatFor(language: string): Format {
	const known = formats.get(language);
	if (known) return known;
	const made = makeFormat(language);
	formats.set(language, made);
	return made;
}

function makeFormat(language: string): Format {
	const dateTime = later(
		() => new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }),
	);
	const date = later(() => new Intl.DateTimeFormat(language, { dateStyle: 'long' }));
	const time = later(() => new Intl.DateTimeFormat(language, { timeStyle: 'short' }));
	const relative = later(() => new Intl.RelativeTimeFormat(language, { numeric: 'auto' }));
	const list = later(() => new Intl.ListFormat(language, { type: 'conjunction' }));
	const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
	return {
		dateTime: (ms) => dateTime().format(ms),
		date: (ms) => date().format(ms),
		time: (ms) => time().format(ms),
		ago(ms, now) {
			const past = Math.max(0, now - ms);
			if (past < HOUR) return relative().format(-Math.floor(past / MINUTE), 'minute');
			if (past < DAY) return relative().format(-Math.floor(past / HOUR), 'hour');
			if (past < 7 * DAY) return relative().format(-Math.floor(past / DAY), 'day');
			return date().format(ms);
		},
		duration(ms) {
			const [size, unit]: [number, string] =
				ms < HOUR ? [MINUTE, 'minute'] : ms < DAY ? [HOUR, 'hour'] : [DAY, 'day'];
			return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(
				Math.round(ms / size),
			);
		},
		bytes(bytes) {
			const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
			return new Intl.NumberFormat(language, {
				style: 'unit',
				unit: units[power] ?? 'byte',
				unitDisplay: 'short',
				maximumFractionDigits: 1,
			}).format(bytes / 1000 ** power);
		},
		list: (items) => list().format(items),
	};
}

/**
 * A language as it is written where the person is: "en" alone has the hours of America, also for who reads English in London
 * or in Paris.
 */
export function localeOf(language: string, preferred: readonly string[] = navigator.languages): string {
	const own = preferred.find((tag) => tag.toLowerCase().split('-')[0] === language);
	if (own !== undefined) return own;
	const region = preferred.map((tag) => /-([A-Z]{2})\b/.exec(tag)?.[1]).find((found) => found !== undefined);
	return region === undefined ? language : `${language}-${region}`;
}

/** {@link localeOf} the language on the screen. */
export function useLocale(): string {
	const { i18n } = useTranslation();
	return useMemo(() => localeOf(i18n.language), [i18n.language]);
}

/** {@link formatFor} the language on the screen. */
export function useFormat(): Format {
	const locale = useLocale();
	return useMemo(() => formatFor(locale), [locale]);
}
