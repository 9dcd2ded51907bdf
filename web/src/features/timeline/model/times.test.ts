import { describe, expect, it } from 'vitest';
import { clockBeside, dayName, dayOf, daysBetween, listTime } from './times';

const now = new Date(2026, 10, 27, 15, 30).getTime();
const at = (day: number, hour = 9, month = 10, year = 2026) => new Date(year, month, day, hour, 5).getTime();

describe('the time in the list', () => {
	it('is the hour today, the day this week, else the date', () => {
		expect(listTime(at(27, 14), now, 'fr')).toBe('14:05');
		expect(listTime(at(25), now, 'en')).toBe('Wed');
		expect(listTime(at(25), now, 'fr')).toBe('mer.');
		expect(listTime(at(3), now, 'en')).toBe('Nov 3');
		expect(listTime(at(3, 9, 10, 2025), now, 'fr')).toBe('03/11/25');
	});

	it('of a clock that runs ahead is a date, not a day of last week', () => {
		expect(listTime(at(29), now, 'en')).toBe('Nov 29');
	});
});

describe('the line between days', () => {
	it('has words for today and yesterday', () => {
		expect(dayName(at(27, 0), now, 'en')).toEqual({ is: 'today' });
		expect(dayName(at(26, 23), now, 'en')).toEqual({ is: 'yesterday' });
		expect(dayName(at(20), now, 'en')).toEqual({ is: 'date', text: 'Friday, November 20' });
		expect(dayName(at(20, 9, 10, 2024), now, 'fr')).toEqual({
			is: 'date',
			text: 'mercredi 20 novembre 2024',
		});
	});
});

it('counts days by the calendar', () => {
	expect(daysBetween(at(26, 23), at(27, 0))).toBe(1);
	expect(daysBetween(at(27, 0), at(27, 23))).toBe(0);
	expect(dayOf(at(27, 0))).toBe(dayOf(at(27, 23)));
});

it('says the day of the author’s time only when it is another', () => {
	expect(clockBeside(at(27, 14), at(27, 12), 'fr')).toBe('14:05');
	expect(clockBeside(at(26, 9), at(27, 12), 'fr')).toBe('26/11/2026 09:05');
});
