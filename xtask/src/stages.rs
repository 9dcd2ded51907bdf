//! A list of steps, run one after the other, timed and counted.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::summary::Counts;

struct Stage {
    name: &'static str,
    took: Duration,
    ok: bool,
}

/// What was run so far.
#[derive(Default)]
pub struct Stages {
    done: Vec<Stage>,
    counts: Counts,
}

impl Stages {
    /// Runs one step; a failure is printed and remembered. True if it went well.
    pub fn step(&mut self, name: &'static str, run: impl FnOnce() -> Result<()>) -> bool {
        self.counted(name, || run().map(|()| Counts::default()))
    }

    /// As [`step`](Self::step), for a step that counts tests. A step that fails without a failed
    /// test (it did not compile, say) counts as one: the sum never hides a failure.
    pub fn counted(&mut self, name: &'static str, run: impl FnOnce() -> Result<Counts>) -> bool {
        eprintln!("\n== {name}");
        #[allow(
            clippy::disallowed_methods,
            reason = "a stop-watch for people; nothing depends on it"
        )]
        let start = Instant::now();
        let result = run();
        let took = start.elapsed();
        let counts = result.unwrap_or_else(|error| {
            eprintln!("error: {name}: {error:#}");
            Counts {
                passed: 0,
                failed: 1,
            }
        });
        let ok = counts.failed == 0;
        eprintln!("== {name}: {} in {:.1} s", verdict(ok), took.as_secs_f64());
        self.counts += counts;
        self.done.push(Stage { name, took, ok });
        ok
    }

    /// Whether every step so far went well.
    pub fn ok(&self) -> bool {
        self.done.iter().all(|stage| stage.ok)
    }

    /// Prints how long each step took.
    pub fn print_times(&self) {
        println!();
        for stage in &self.done {
            println!(
                "{:>8.1} s  {:<6}  {}",
                stage.took.as_secs_f64(),
                verdict(stage.ok),
                stage.name
            );
        }
    }

    /// Prints the sum of the tests, alone on a line.
    pub fn print_counts(&self) {
        println!(
            "\n{} passed, {} failed",
            self.counts.passed, self.counts.failed
        );
    }

    /// Success if every step went well.
    pub fn exit_code(&self) -> ExitCode {
        if self.ok() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

fn verdict(ok: bool) -> &'static str {
    if ok { "ok" } else { "FAILED" }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn a_failure_of_any_step_is_kept_and_counted() {
        let mut stages = Stages::default();
        assert!(stages.counted("tests", || Ok(Counts {
            passed: 2,
            failed: 0
        })));
        assert!(stages.ok());
        assert!(!stages.step("lint", || bail!("warned")));
        assert!(!stages.counted("more", || Ok(Counts {
            passed: 1,
            failed: 3
        })));
        assert!(stages.step("last", || Ok(())));
        assert!(!stages.ok());
        assert_eq!(
            stages.counts,
            Counts {
                passed: 3,
                failed: 4
            }
        );
    }
}
