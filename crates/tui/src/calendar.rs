//! Days and hours as people read them.

use chrono::{DateTime, Datelike as _, Local, TimeZone as _, Timelike as _, Utc};

use crate::texts::{Language, MONTHS, Text, WEEKDAYS};

/// The clock on the wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// This machine's.
    Local,
    /// For tests.
    Utc,
}

/// A day, to be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    year: i32,
    month0: u32,
    day: u32,
    weekday0: u32,
    number: i32,
}

struct Moment {
    day: Day,
    hour: u32,
    minute: u32,
}

impl Zone {
    fn moment(self, ms: u64) -> Moment {
        fn read<T: chrono::TimeZone>(at: &DateTime<T>) -> Moment {
            Moment {
                day: Day {
                    year: at.year(),
                    month0: at.month0(),
                    day: at.day(),
                    weekday0: at.weekday().num_days_from_monday(),
                    number: at.num_days_from_ce(),
                },
                hour: at.hour(),
                minute: at.minute(),
            }
        }
        // an author may claim any time at all
        let utc = i64::try_from(ms)
            .ok()
            .and_then(|ms| Utc.timestamp_millis_opt(ms).single())
            .filter(|at| at.year() < 10_000)
            .unwrap_or_default();
        match self {
            Self::Utc => read(&utc),
            Self::Local => read(&utc.with_timezone(&Local)),
        }
    }

    /// The day of a time (ms since 1970).
    #[must_use]
    pub fn day(self, ms: u64) -> Day {
        self.moment(ms).day
    }

    /// Hours and minutes of a time.
    #[must_use]
    pub fn clock(self, ms: u64) -> String {
        let at = self.moment(ms);
        format!("{:02}:{:02}", at.hour, at.minute)
    }

    /// Hours and minutes, with the day when it is another one than that of `beside`.
    #[must_use]
    pub fn clock_beside(self, ms: u64, beside: u64, now: u64, language: Language) -> String {
        let clock = self.clock(ms);
        if self.day(ms) == self.day(beside) {
            clock
        } else {
            format!("{}, {clock}", self.day_name(ms, now, language))
        }
    }

    /// A day's name: today, yesterday, or the date.
    #[must_use]
    pub fn day_name(self, ms: u64, now: u64, language: Language) -> String {
        let (day, today) = (self.day(ms), self.day(now));
        match today.number.wrapping_sub(day.number) {
            0 => return language.say(Text::Today).to_owned(),
            1 => return language.say(Text::Yesterday).to_owned(),
            _ => {}
        }
        let name = |names: &[Text], n: u32| {
            usize::try_from(n)
                .ok()
                .and_then(|n| names.get(n))
                .map_or("", |text| language.say(*text))
        };
        let (weekday, month) = (name(&WEEKDAYS, day.weekday0), name(&MONTHS, day.month0));
        if day.year == today.year {
            format!("{weekday} {} {month}", day.day)
        } else {
            format!("{weekday} {} {month} {}", day.day, day.year)
        }
    }

    /// A short mark of when something was: the hour today, otherwise day and month.
    #[must_use]
    pub fn short(self, ms: u64, now: u64) -> String {
        let at = self.moment(ms);
        if at.day == self.day(now) {
            format!("{:02}:{:02}", at.hour, at.minute)
        } else {
            format!("{:02}/{:02}", at.day.day, at.day.month0 + 1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 22 November 2026, 11:00 UTC, a Sunday.
    const NOW: u64 = 1_795_345_200_000;
    const HOUR: u64 = 3_600_000;

    #[test]
    fn days_are_named() {
        let name = |ms, language| Zone::Utc.day_name(ms, NOW, language);
        assert_eq!(name(NOW, Language::English), "Today");
        assert_eq!(name(NOW - 12 * HOUR, Language::French), "Hier");
        assert_eq!(
            name(NOW - 48 * HOUR, Language::English),
            "Friday 20 November"
        );
        assert_eq!(
            name(NOW - 400 * 24 * HOUR, Language::French),
            "samedi 18 octobre 2025"
        );
        assert_eq!(Zone::Utc.clock(NOW), "11:00");
        assert_eq!(Zone::Utc.short(NOW, NOW), "11:00");
        assert_eq!(Zone::Utc.short(NOW - 24 * HOUR, NOW), "21/11");
        let beside = Zone::Utc.clock_beside(NOW - 24 * HOUR, NOW, NOW, Language::English);
        assert_eq!(beside, "Yesterday, 11:00");
    }

    #[test]
    fn times_beyond_any_calendar_do_no_harm() {
        for ms in [0, u64::MAX, i64::MAX as u64, 1 << 60] {
            assert!(Zone::Local.day_name(ms, NOW, Language::English).len() < 40);
            assert_eq!(Zone::Local.clock(ms).len(), 5);
        }
    }
}
