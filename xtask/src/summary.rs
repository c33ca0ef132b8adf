//! What the suites did, and the table of it.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::workspace::say;

/// How many tests of a suite passed, failed, and were not run, as counts.mjs writes it too.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
pub(crate) struct Counts {
    passed: u64,
    failed: u64,
    skipped: u64,
}

impl Counts {
    /// Adds up the lines of `cargo test` that start with `test result:`. Stable Rust has no other output for programs.
    pub(crate) fn from_cargo(output: &str) -> Result<Self> {
        let mut sum = Self::default();
        for line in output.lines().filter_map(|line| line.trim_start().strip_prefix("test result: ")) {
            let count = |word: &str| -> Option<u64> {
                let (before, _) = line.split_once(word)?;
                before.rsplit(' ').next()?.parse().ok()
            };
            let counts = count(" passed;").zip(count(" failed;")).zip(count(" ignored;"));
            let ((passed, failed), skipped) = counts.with_context(|| format!("no counts in {line:?}"))?;
            sum.passed += passed;
            sum.failed += failed;
            sum.skipped += skipped;
        }
        Ok(sum)
    }
}

/// One line of the table.
struct Row {
    suite: String,
    host: String,
    counts: Counts,
    time: Duration,
}

/// All that was run.
#[derive(Default)]
pub(crate) struct Summary {
    rows: Vec<Row>,
    problems: Vec<String>,
}

impl Summary {
    /// Runs a suite, which returns whether its command succeeded, and its counts. Tells whether it succeeded.
    pub(crate) fn tests(&mut self, suite: &str, host: &str, body: impl FnOnce() -> Result<(bool, Counts)>) -> bool {
        say(format!("{suite} ({host})"));
        let start = Instant::now();
        self.add(suite, host, body(), start.elapsed())
    }

    /// Adds a suite that has run. Tells whether it succeeded.
    pub(crate) fn add(&mut self, suite: &str, host: &str, result: Result<(bool, Counts)>, time: Duration) -> bool {
        let result = result.and_then(|(success, counts)| {
            ensure!(counts.passed + counts.failed > 0, "ran no test");
            ensure!(success || counts.failed > 0, "failed, though no single test did");
            Ok(counts)
        });
        let counts = result.unwrap_or_else(|error| {
            let problem = format!("{suite} ({host}): {error:#}");
            eprintln!("{problem}");
            self.problems.push(problem);
            Counts { failed: 1, ..Counts::default() }
        });
        self.rows.push(Row { suite: suite.to_owned(), host: host.to_owned(), counts, time });
        counts.failed == 0
    }

    /// Runs something that only succeeds or fails: it counts as one test.
    pub(crate) fn check(&mut self, name: &str, host: &str, body: impl FnOnce() -> Result<()>) -> bool {
        self.tests(name, host, || body().map(|()| (true, Counts { passed: 1, ..Counts::default() })))
    }

    /// Prints the table. Nothing is printed after it, so that the sum is the last line.
    pub(crate) fn finish(&self) -> ExitCode {
        println!("\n{}", self.render());
        if self.sum(|counts| counts.failed) == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn sum(&self, count: fn(&Counts) -> u64) -> u64 {
        self.rows.iter().map(|row| count(&row.counts)).sum()
    }

    /// The table, the problems, and on the last line the sum.
    fn render(&self) -> String {
        let width = |text: fn(&Row) -> &str| self.rows.iter().map(|row| text(row).len()).max().unwrap_or(0).max(5);
        let (suites, hosts) = (width(|row| &row.suite), width(|row| &row.host));
        let mut lines = vec![format!("{:suites$}  {:hosts$}  passed  failed  skipped  seconds", "suite", "host")];
        lines.extend(self.rows.iter().map(|Row { suite, host, counts: Counts { passed, failed, skipped }, time }| {
            let seconds = time.as_secs_f64();
            format!("{suite:suites$}  {host:hosts$}  {passed:6}  {failed:6}  {skipped:7}  {seconds:7.1}")
        }));
        lines.extend(self.problems.iter().cloned());
        let skipped = match self.sum(|counts| counts.skipped) {
            0 => String::new(),
            skipped => format!(", {skipped} skipped"),
        };
        let (passed, failed) = (self.sum(|counts| counts.passed), self.sum(|counts| counts.failed));
        lines.push(format!("\n{passed} passed, {failed} failed{skipped}"));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Counts {
        Counts { passed, failed, skipped }
    }

    #[test]
    fn the_results_of_cargo_are_added_up() {
        let output = "\
running 3 tests
test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
test result: FAILED. 3 passed; 4 failed; 0 ignored; 0 measured; 9 filtered out; finished in 1.00s
";
        assert_eq!(Counts::from_cargo(output).unwrap(), counts(5, 4, 1));
        // wasm-bindgen's test runner prints it without `measured`.
        let wasm = "test result: ok. 7 passed; 0 failed; 2 ignored; 0 filtered out; finished in 0.05s";
        assert_eq!(Counts::from_cargo(wasm).unwrap(), counts(7, 0, 2));
        assert_eq!(Counts::from_cargo("no tests to run!").unwrap(), counts(0, 0, 0));
        assert!(Counts::from_cargo("test result: ok. many passed").is_err());
    }

    #[test]
    fn the_table_ends_with_the_sum() {
        let mut summary = Summary::default();
        assert!(summary.check("rustfmt", "native", || Ok(())));
        assert!(summary.tests("package", "Node 20.20.2", || Ok((true, counts(10, 0, 1)))));
        assert_eq!(
            summary.render(),
            "\
suite    host          passed  failed  skipped  seconds
rustfmt  native             1       0        0      0.0
package  Node 20.20.2      10       0        1      0.0

11 passed, 0 failed, 1 skipped"
        );
    }

    #[test]
    fn each_problem_is_a_failure() {
        #[track_caller]
        fn fails(body: impl FnOnce() -> Result<(bool, Counts)>, problem: &str, sum: &str) {
            let mut summary = Summary::default();
            assert!(!summary.tests("s", "h", body));
            let text = summary.render();
            assert!(text.ends_with(&format!("{problem}\n{sum}")), "{text}");
        }
        fails(|| bail!("no such file"), "s (h): no such file\n", "0 passed, 1 failed");
        fails(|| Ok((true, counts(0, 0, 2))), "s (h): ran no test\n", "0 passed, 1 failed");
        fails(|| Ok((false, counts(5, 0, 0))), "s (h): failed, though no single test did\n", "0 passed, 1 failed");
        fails(|| Ok((false, counts(5, 2, 0))), "", "5 passed, 2 failed");
    }
}
