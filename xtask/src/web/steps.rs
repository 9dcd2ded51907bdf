//! What is checked and tested about the app.

use std::process::Command;

use anyhow::{Context, Result, bail};

use super::pnpm;
use crate::stages::Stages;
use crate::summary::{self, Counts};
use crate::{cmd, metadata, setup};

/// Licences of packages for the app and its tools: they bind nobody who uses, changes or passes on ChaTalK. MPL-2.0 binds changes to
/// the package's own files, OFL-1.1 changes to a font, CC-BY asks that the author is named.
const ACCEPTED: [&str; 14] = [
    "0BSD",
    "Apache-2.0",
    "BlueOak-1.0.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC-BY-4.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "OFL-1.1",
    "Python-2.0",
    "Unlicense",
];

/// Adds what is checked without running it.
pub fn checks(stages: &mut Stages) {
    stages.step("web: format and lint", || script(&["lint"]));
    stages.step("web: texts", || script(&["i18n:check"]));
    stages.step("web: licences", licences);
}

/// Adds what runs it, and what needs the core to be built. The programs of the workspace are there already.
pub fn tests(stages: &mut Stages) {
    stages.step("web: types", || script(&["check"]));
    stages.counted("web: units", || {
        counted(&mut pnpm::run(&["test"])?, summary::vitest)
    });
    stages.counted("web: engine in a worker", || journeys("e2e:worker"));
    stages.counted("web: journeys in Chromium", || journeys("e2e"));
    stages.counted("web: journeys in Firefox", || journeys("e2e:firefox"));
    stages.counted("web: smoke run in WebKit", || {
        if setup::for_webkit() {
            journeys("e2e:webkit")
        } else {
            Ok(Counts::default())
        }
    });
}

/// Runs journeys against the server that was built for the tests.
fn journeys(name: &str) -> Result<Counts> {
    let mut journeys = pnpm::run(&[name])?;
    journeys.env("CHATALK_BIN", metadata::target_dir()?.join("debug/chatalk"));
    counted(&mut journeys, summary::playwright)
}

fn script(words: &[&str]) -> Result<()> {
    cmd::run(&mut pnpm::run(words)?)
}

/// Runs tests and counts them as their runner tells it.
fn counted(command: &mut Command, read: fn(&str) -> Option<Counts>) -> Result<Counts> {
    let (status, text) = cmd::tee(command)?;
    let counts = read(&text).context("it ended before any test was counted")?;
    if !status.success() && counts.failed == 0 {
        bail!("no test failed, but the run did ({status})");
    }
    Ok(counts)
}

fn licences() -> Result<()> {
    let wrong: Vec<String> = pnpm::licences(true)?
        .into_iter()
        .filter(|(licence, _)| !is_accepted(licence))
        .map(|(licence, packages)| format!("{licence}: {}", packages.join(", ")))
        .collect();
    if !wrong.is_empty() {
        bail!(
            "packages with licences that are not accepted:\n  {}",
            wrong.join("\n  ")
        );
    }
    Ok(())
}

/// Whether one may choose terms that are accepted: of `A OR B` one must be, of `A AND B` both.
fn is_accepted(licence: &str) -> bool {
    let plain = licence.replace(['(', ')'], "");
    plain.split(" OR ").any(|choice| {
        choice
            .split(" AND ")
            .all(|part| ACCEPTED.contains(&part.trim()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_are_read_as_choices() {
        assert!(is_accepted("MIT") && is_accepted("(MIT OR GPL-3.0)"));
        assert!(is_accepted("(MIT AND CC-BY-4.0)"));
        assert!(!is_accepted("GPL-3.0") && !is_accepted("MIT AND LGPL-2.1"));
        assert!(!is_accepted("AGPL-3.0-only") && !is_accepted("") && !is_accepted("Unknown"));
    }
}
