/** How times are written: by `Intl`, in the language of the app and the zone of the person. */

const dayMs = 86_400_000;

/** Which day a time falls on here, as year-month-day. */
export function dayOf(time: number): string {
	const date = new Date(time);
	return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

/** Whole days from one time to another by the calendar: 0 today, 1 yesterday. */
export function daysBetween(earlier: number, later: number): number {
	const midnight = (time: number) => {
		const date = new Date(time);
		return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
	};
	return Math.round((midnight(later) - midnight(earlier)) / dayMs);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Formats are dear to make and are needed for each row. */
function format(language: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
	const key = `${language} ${name}`;
	let found = formats.get(key);
	if (found === undefined) {
		found = new Intl.DateTimeFormat(language, options);
		formats.set(key, found);
	}
	return found;
}

/** 14:05. */
export function clock(time: number, language: string): string {
	return format(language, 'clock', { hour: 'numeric', minute: '2-digit' }).format(time);
}

/** Day and hour, in full. */
export function dateAndClock(time: number, language: string): string {
	return format(language, 'full', { dateStyle: 'full', timeStyle: 'short' }).format(time);
}

/** For the list: the hour today, the day this week, else the date. */
export function listTime(time: number, now: number, language: string): string {
	const days = daysBetween(time, now);
	if (days === 0) return clock(time, language);
	if (days > 0 && days < 7) return format(language, 'weekday', { weekday: 'short' }).format(time);
	if (new Date(time).getFullYear() === new Date(now).getFullYear()) {
		return format(language, 'date', { day: 'numeric', month: 'short' }).format(time);
	}
	return format(language, 'year', { day: '2-digit', month: '2-digit', year: '2-digit' }).format(time);
}

/** For the line between days: today and yesterday have words of their own. */
export type DayName = { is: 'today' } | { is: 'yesterday' } | { is: 'date'; text: string };

/** What the line between days says. */
export function dayName(time: number, now: number, language: string): DayName {
	const days = daysBetween(time, now);
	if (days === 0) return { is: 'today' };
	if (days === 1) return { is: 'yesterday' };
	const sameYear = new Date(time).getFullYear() === new Date(now).getFullYear();
	const text = sameYear
		? format(language, 'day', { weekday: 'long', day: 'numeric', month: 'long' }).format(time)
		: format(language, 'dayYear', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).format(
				time,
			);
	return { is: 'date', text };
}

/** The author's time, with its day when that is not the row's. */
export function clockBeside(time: number, rowTime: number, language: string): string {
	if (dayOf(time) === dayOf(rowTime)) return clock(time, language);
	return format(language, 'short', { dateStyle: 'short', timeStyle: 'short' }).format(time);
}
