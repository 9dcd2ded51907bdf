//! Figures, and how they are shown.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

/// One measured figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// The load it was measured under, such as `direct, 50 in flight`.
    pub load: String,
    /// What it is, with its unit, such as `acknowledged, messages/s`.
    pub name: String,
    /// Its value.
    pub value: f64,
}

/// All figures of a run, and what they were measured on.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Version of the load test.
    pub loadtest: String,
    /// Version that the server says.
    pub server: String,
    /// When it began (milliseconds since 1970).
    pub began: u64,
    /// The machine that the load test ran on.
    pub machine: Value,
    /// The parameters of the load.
    pub parameters: Value,
    /// Remarks.
    pub notes: Vec<String>,
    /// The figures, in the order measured.
    pub figures: Vec<Figure>,
}

impl Report {
    /// A figure by load and name.
    #[must_use]
    pub fn value(&self, load: &str, name: &str) -> Option<f64> {
        let same = |figure: &&Figure| figure.load == load && figure.name == name;
        self.figures.iter().find(same).map(|figure| figure.value)
    }

    /// The table for people.
    #[must_use]
    pub fn table(&self) -> String {
        let mut out = format!("ChaTalk {}, loadtest {}\n", self.server, self.loadtest);
        for (key, value) in self.machine.as_object().into_iter().flatten() {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            out += &format!("  {}: {value}\n", key.replace('_', " "));
        }
        for note in &self.notes {
            out += &format!("  note: {note}\n");
        }
        let width = self.figures.iter().map(|f| f.name.chars().count()).max();
        let width = width.unwrap_or(0);
        let mut load = "";
        for figure in &self.figures {
            if figure.load != load {
                load = &figure.load;
                out += &format!("\n{load}\n");
            }
            out += &format!("  {:<width$}  {:>12}\n", figure.name, shown(figure.value));
        }
        out
    }
}

/// Four significant digits, thousands apart.
fn shown(value: f64) -> String {
    let size = value.abs();
    if size >= 1000.0 || value.fract() == 0.0 {
        let digits = format!("{:.0}", size);
        let mut out = String::from(if value < 0.0 { "-" } else { "" });
        for (n, digit) in digits.chars().enumerate() {
            if n > 0 && (digits.len() - n).is_multiple_of(3) {
                out.push(',');
            }
            out.push(digit);
        }
        return out;
    }
    let decimals = match size {
        s if s >= 100.0 => 1,
        s if s >= 10.0 => 2,
        s if s >= 1.0 => 3,
        _ => 4,
    };
    format!("{value:.decimals$}")
}

/// Durations of one kind.
#[derive(Debug, Default, Clone)]
pub(crate) struct Durations(Vec<Duration>);

impl Durations {
    pub(crate) fn add(&mut self, duration: Duration) {
        self.0.push(duration);
    }

    pub(crate) fn append(&mut self, other: &mut Self) {
        self.0.append(&mut other.0);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The smallest one that `share` of all do not exceed (nearest rank), in milliseconds; 0 when there are none.
    pub(crate) fn quantile(&mut self, share: f64) -> f64 {
        self.0.sort_unstable();
        let rank = (share * self.0.len() as f64).ceil() as usize;
        let at = rank.clamp(1, self.0.len().max(1)) - 1;
        self.0.get(at).map_or(0.0, |d| d.as_secs_f64() * 1000.0)
    }
}

/// Collects the figures of one load.
pub(crate) struct Figures<'a> {
    pub(crate) load: String,
    pub(crate) into: &'a mut Vec<Figure>,
}

impl Figures<'_> {
    pub(crate) fn add(&mut self, name: &str, value: f64) {
        self.into.push(Figure {
            load: self.load.clone(),
            name: name.to_owned(),
            value,
        });
    }

    /// p50, p99 and the longest, when there are any.
    pub(crate) fn durations(&mut self, name: &str, durations: &mut Durations) {
        if durations.len() == 0 {
            return;
        }
        for (word, share) in [("p50", 0.5), ("p99", 0.99), ("max", 1.0)] {
            let value = durations.quantile(share);
            self.add(&format!("{name}, {word}, ms"), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_nearest_ranks() {
        let mut durations = Durations::default();
        assert_eq!(durations.quantile(0.5), 0.0);
        for ms in (1..=100).rev() {
            durations.add(Duration::from_millis(ms));
        }
        assert_eq!(durations.quantile(0.5), 50.0);
        assert_eq!(durations.quantile(0.99), 99.0);
        assert_eq!(durations.quantile(1.0), 100.0);
        assert_eq!(durations.quantile(0.0), 1.0);
    }

    #[test]
    fn values_are_shown_with_their_significant_digits() {
        for (value, text) in [
            (1_234_567.8, "1,234,568"),
            (1000.0, "1,000"),
            (999.94, "999.9"),
            (12.345, "12.35"),
            (0.0614, "0.0614"),
            (7.0, "7"),
            (0.0, "0"),
        ] {
            assert_eq!(shown(value), text);
        }
    }
}
