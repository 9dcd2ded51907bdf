//! Counts of tests, read from what the runners print.

use std::ops::AddAssign;

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed, timed out or could not be started.
    pub failed: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// Adds up every summary line of `text`, whichever runner wrote it; `None` if there is none.
pub fn read(text: &str) -> Option<Counts> {
    text.lines()
        .filter_map(|line| nextest(line).or_else(|| libtest(line)))
        .reduce(|mut sum, line| {
            sum += line;
            sum
        })
}

/// `     Summary [   0.1s] 9 tests run: 6 passed (1 slow, 1 leaky), 2 failed, 1 timed out, 0 skipped`
fn nextest(line: &str) -> Option<Counts> {
    let line = line.trim_start().strip_prefix("Summary [")?;
    let (_, counts) = line.split_once(" run: ")?;
    Some(count(&without_parentheses(counts), ','))
}

/// `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s`,
/// also written by `wasm-bindgen-test-runner`.
fn libtest(line: &str) -> Option<Counts> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    Some(count(counts, ';'))
}

fn count(list: &str, separator: char) -> Counts {
    let mut counts = Counts::default();
    for item in list.split(separator) {
        let Some((number, word)) = item.trim().split_once(' ') else {
            continue;
        };
        let Ok(number) = number.parse::<u64>() else {
            continue;
        };
        match word {
            "passed" => counts.passed += number,
            "failed" | "timed out" | "exec failed" | "aborted" => counts.failed += number,
            _ => {} // skipped, ignored, measured, filtered out
        }
    }
    counts
}

fn without_parentheses(text: &str) -> String {
    let mut depth = 0_u32;
    let mut kept = String::new();
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            c if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    kept.replace(" ,", ",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64) -> Option<Counts> {
        Some(Counts { passed, failed })
    }

    #[test]
    fn nextest_summaries() {
        let ok = "     Summary [   0.012s] 3 tests run: 3 passed, 0 skipped";
        let bad = "     Summary [  10.2s] 9 tests run: 6 passed (1 slow, 1 leaky), 2 failed, 1 timed out, 4 skipped";
        let cut = "     Summary [   1.0s] 2/9 tests run: 1 passed, 1 exec failed, 0 skipped";
        let one = "     Summary [   1.0s] 1 test run: 1 passed (1 slow), 0 skipped";
        assert_eq!(read(ok), counts(3, 0));
        assert_eq!(read(bad), counts(6, 3));
        assert_eq!(read(cut), counts(1, 1));
        assert_eq!(read(one), counts(1, 0));
    }

    #[test]
    fn libtest_summaries_add_up() {
        let text = "running 4 tests\ntest a ... ok\n\
            test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\n\
            test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 filtered out\n";
        assert_eq!(read(text), counts(4, 2));
    }

    #[test]
    fn other_lines_are_not_counted() {
        assert_eq!(read("error: could not compile\n5 passed, 0 failed\n"), None);
    }
}
