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

/// Vitest's `      Tests  1 failed | 5 passed | 2 skipped (8)`; a file that could not be read at all is in the line of files only.
pub fn vitest(text: &str) -> Option<Counts> {
    let line = |name: &str| {
        let mut lines = text.lines().map(str::trim_start);
        let list = lines.find_map(|line| line.strip_prefix(name))?;
        Some(count(&without_parentheses(list), '|'))
    };
    let mut tests = line("Tests ")?;
    let files = line("Test Files ")?;
    if tests.failed == 0 {
        tests.failed = files.failed;
    }
    Some(tests)
}

/// Playwright's `  3 passed (1.2m)`, `  1 failed` and the like, each on a line of its own. What did not run failed: something before
/// it did, or the whole run was cut short.
pub fn playwright(text: &str) -> Option<Counts> {
    let lines = text.lines().map(|line| without_parentheses(line.trim()));
    let told: Vec<Counts> = lines
        .map(|line| count(&line, '|'))
        .filter(|counts| *counts != Counts::default())
        .collect();
    told.into_iter().reduce(|mut sum, line| {
        sum += line;
        sum
    })
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
        match word.trim() {
            "passed" => counts.passed += number,
            "failed" | "timed out" | "exec failed" | "aborted" | "flaky" | "interrupted"
            | "did not run" => counts.failed += number,
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
    fn vitest_summaries() {
        let ok = " ✓ src/a.test.ts (3 tests) 4ms\n\n Test Files  2 passed (2)\n      Tests  5 passed (5)\n";
        let bad = " Test Files  1 failed | 1 passed (2)\n      Tests  1 failed | 5 passed | 2 skipped (8)\n";
        let broken = " Test Files  1 failed | 1 passed (2)\n      Tests  5 passed (5)\n";
        assert_eq!(vitest(ok), counts(5, 0));
        assert_eq!(vitest(bad), counts(5, 1));
        assert_eq!(vitest(broken), counts(5, 1));
        assert_eq!(vitest("No test files found, exiting with code 1\n"), None);
    }

    #[test]
    fn playwright_summaries() {
        let ok = "Running 3 tests using 1 worker\n  ✓ 1 a.spec.ts:3:1 › 5 passed (2s)\n\n  3 passed (1.2m)\n";
        let bad = "  1 failed\n    a.spec.ts:3:1 › x\n  1 flaky\n  2 did not run\n  4 skipped\n  3 passed (9s)\n";
        assert_eq!(playwright(ok), counts(3, 0));
        assert_eq!(playwright(bad), counts(3, 4));
        assert_eq!(playwright("Error: No tests found\n"), None);
    }

    #[test]
    fn other_lines_are_not_counted() {
        assert_eq!(read("error: could not compile\n5 passed, 0 failed\n"), None);
    }
}
