//! How timers of disappearing messages are typed and said.

use crate::texts::{Language, Text};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// Those that can be chosen: seconds, as typed in English and in French, and in words.
const CHOICES: [(u64, &str, &str, Text); 6] = [
    (HOUR, "1h", "1h", Text::Timer1h),
    (8 * HOUR, "8h", "8h", Text::Timer8h),
    (DAY, "1d", "1j", Text::Timer1d),
    (7 * DAY, "1w", "1s", Text::Timer1w),
    (28 * DAY, "4w", "4s", Text::Timer4w),
    (365 * DAY, "1y", "1a", Text::Timer1y),
];

/// Seconds; 0 = off; none for anything that is no timer.
pub(crate) fn read(typed: &str) -> Option<u64> {
    let typed = typed.to_lowercase();
    if matches!(typed.as_str(), "off" | "no" | "non") {
        return Some(0);
    }
    let mut choices = CHOICES.iter();
    let found = choices.find(|(_, en, fr, _)| typed == *en || typed == *fr);
    found.map(|(seconds, ..)| *seconds)
}

/// In words; one that another app has set, in hours.
pub(crate) fn words(seconds: u64, language: Language) -> String {
    let mut choices = CHOICES.iter();
    match choices.find(|(known, ..)| *known == seconds) {
        Some((.., text)) => language.say(*text).to_owned(),
        None => language.fill(Text::TimerHours, &[&seconds.div_ceil(HOUR).to_string()]),
    }
}
