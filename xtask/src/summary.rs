//! What the suites did: their own counts read from their own output, and the table of it all.

use std::fmt::Write;
use std::time::Duration;

/// How many tests of a suite passed, failed, and were not run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Tests that ran and passed.
    pub(crate) passed: u64,
    /// Tests that ran and failed.
    pub(crate) failed: u64,
    /// Tests that were ignored, skipped, or marked as to do.
    pub(crate) skipped: u64,
}

/// Adds up the `test result:` lines of `cargo test`, of which there is one for each test binary.
pub(crate) fn cargo_counts(output: &str) -> Option<Counts> {
    let mut sum = None;
    for line in output.lines() {
        let Some(result) = line.trim_start().strip_prefix("test result: ") else {
            continue;
        };
        let number_before = |word: &str| -> Option<u64> {
            let before = result.split(word).next().filter(|it| it.len() < result.len())?;
            before.split_whitespace().next_back()?.parse().ok()
        };
        let sum = sum.get_or_insert_with(Counts::default);
        sum.passed += number_before(" passed")?;
        sum.failed += number_before(" failed")?;
        sum.skipped += number_before(" ignored")?;
    }
    sum
}

/// Reads the summary that ends the output of `node --test`, in its spec or its tap format.
pub(crate) fn node_counts(output: &str) -> Option<Counts> {
    let last = |word: &str| -> Option<u64> {
        output.lines().rev().find_map(|line| {
            let line = line.strip_prefix("ℹ ").or_else(|| line.strip_prefix("# "))?;
            line.strip_prefix(word)?.strip_prefix(' ')?.parse().ok()
        })
    };
    // Node reports a file without any test as one test that passed.
    let empty_files =
        output.lines().filter(|line| line.starts_with("✔ ") && line.contains(".test.mjs (")).count();
    Some(Counts {
        passed: last("pass")?.saturating_sub(u64::try_from(empty_files).ok()?),
        failed: last("fail")? + last("cancelled")?,
        skipped: last("skipped")? + last("todo")?,
    })
}

/// Reads what TypeScript said of a folder: `listed` are the files it checks, `output` its errors. A declaration file
/// is a help to the others, and no test.
pub(crate) fn tsc_counts(folder: &str, listed: &str, output: &str) -> Counts {
    let inside = format!("/{folder}/");
    let is_test = |line: &&str| line.contains(&inside) && !line.ends_with(".d.ts");
    let files = listed.lines().filter(is_test).count() as u64;
    let mut broken: Vec<&str> = output
        .lines()
        .filter(|line| line.contains(": error TS"))
        .map(|line| line.split(['(', ':']).next().unwrap_or(line))
        .collect();
    broken.sort_unstable();
    broken.dedup();
    let failed = broken.len() as u64;
    Counts { passed: files.saturating_sub(failed), failed, skipped: 0 }
}

/// One line of the table.
#[derive(Debug)]
struct Row {
    suite: String,
    host: String,
    /// None for a check, such as a lint, that counts nothing.
    counts: Option<Counts>,
    /// Why it is a failure although no test failed.
    problem: Option<String>,
    time: Duration,
}

impl Row {
    /// A row adds at least one failure to the sum when anything at all went wrong.
    fn failed(&self) -> u64 {
        let counted = self.counts.map_or(0, |counts| counts.failed);
        counted.max(u64::from(self.problem.is_some()))
    }
}

/// All that was run.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    rows: Vec<Row>,
}

impl Summary {
    /// Adds something that only succeeds or fails.
    pub(crate) fn check(&mut self, suite: &str, host: &str, problem: Option<String>, time: Duration) {
        self.rows.push(Row { suite: suite.to_owned(), host: host.to_owned(), counts: None, problem, time });
    }

    /// Adds a suite of tests, which must have run at least one.
    pub(crate) fn tests(
        &mut self,
        suite: &str,
        host: &str,
        result: Result<Option<Counts>, String>,
        success: bool,
        time: Duration,
    ) {
        let (counts, problem) = match result {
            Err(problem) => (None, Some(problem)),
            Ok(None) => (None, Some("printed no count of its tests".to_owned())),
            Ok(Some(counts)) if counts.passed + counts.failed == 0 => {
                (Some(counts), Some("ran no test".to_owned()))
            }
            Ok(Some(counts)) if !success && counts.failed == 0 => {
                (Some(counts), Some("failed, though no single test did".to_owned()))
            }
            Ok(counts) => (counts, None),
        };
        self.rows.push(Row {
            suite: suite.to_owned(),
            host: host.to_owned(),
            counts: Some(counts.unwrap_or_default()),
            problem,
            time,
        });
    }

    /// Whether anything failed.
    pub(crate) fn failed(&self) -> bool {
        self.rows.iter().any(|row| row.failed() > 0)
    }

    /// The table, the problems, and on the last line the sum.
    pub(crate) fn render(&self) -> String {
        const HEAD: [&str; 6] = ["suite", "host", "passed", "failed", "skipped", "seconds"];
        let mut cells = vec![HEAD.map(str::to_owned)];
        for row in &self.rows {
            let seconds = format!("{:.1}", row.time.as_secs_f64());
            let [passed, failed, skipped] = match row.counts {
                Some(it) => [it.passed, row.failed(), it.skipped].map(|count| count.to_string()),
                None if row.problem.is_none() => ["ok", "", ""].map(str::to_owned),
                None => ["", "1", ""].map(str::to_owned),
            };
            cells.push([row.suite.clone(), row.host.clone(), passed, failed, skipped, seconds]);
        }
        let mut widths = [0; HEAD.len()];
        for line in &cells {
            for (width, cell) in widths.iter_mut().zip(line) {
                *width = cell.chars().count().max(*width);
            }
        }
        let mut text = String::new();
        for line in &cells {
            let padded: Vec<String> = line
                .iter()
                .zip(widths)
                .enumerate()
                .map(|(column, (cell, width))| match column {
                    0 | 1 => format!("{cell:width$}"),
                    _ => format!("{cell:>width$}"),
                })
                .collect();
            text.push_str(padded.join("  ").trim_end());
            text.push('\n');
        }
        for row in &self.rows {
            if let Some(problem) = &row.problem {
                // Writing to a String cannot fail.
                let _ = writeln!(text, "{} ({}): {problem}", row.suite, row.host);
            }
        }
        text.push('\n');
        text.push_str(&self.sum());
        text
    }

    fn sum(&self) -> String {
        let count = |of: fn(&Counts) -> u64| -> u64 {
            self.rows.iter().filter_map(|row| row.counts.as_ref()).map(of).sum()
        };
        let failed: u64 = self.rows.iter().map(Row::failed).sum();
        let sum = format!("{} passed, {failed} failed", count(|it| it.passed));
        match count(|it| it.skipped) {
            0 => sum,
            skipped => format!("{sum}, {skipped} skipped"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Counts {
        Counts { passed, failed, skipped }
    }

    #[test]
    fn cargo_results_are_summed() {
        let output = "\
running 3 tests
test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
test result: FAILED. 3 passed; 4 failed; 0 ignored; 0 measured; 9 filtered out; finished in 1.00s
";
        assert_eq!(cargo_counts(output), Some(counts(5, 4, 1)));
    }

    #[test]
    fn wasm_bindgen_results_are_read() {
        let output = "test result: ok. 7 passed; 0 failed; 2 ignored; 0 filtered out; finished in 0.05s";
        assert_eq!(cargo_counts(output), Some(counts(7, 0, 2)));
    }

    #[test]
    fn no_result_and_an_unreadable_one_are_not_zero() {
        assert_eq!(cargo_counts("no tests to run!"), None);
        assert_eq!(cargo_counts("test result: ok. many passed"), None);
        assert_eq!(node_counts("ℹ pass 3"), None);
    }

    #[test]
    fn the_last_node_summary_is_read() {
        let output = "\
ℹ pass 99
✔ a (1.1ms)
ℹ tests 12
ℹ suites 1
ℹ pass 3
ℹ fail 1
ℹ cancelled 2
ℹ skipped 4
ℹ todo 5
ℹ duration_ms 485.2
";
        assert_eq!(node_counts(output), Some(counts(3, 3, 9)));
        assert_eq!(node_counts(&output.replace("ℹ ", "# ")), Some(counts(3, 3, 9)));
    }

    #[test]
    fn a_node_file_without_tests_is_no_test() {
        let output = "\
✔ /x/empty.test.mjs (93.1ms)
ℹ pass 1
ℹ fail 0
ℹ cancelled 0
ℹ skipped 0
ℹ todo 0
";
        assert_eq!(node_counts(output), Some(counts(0, 0, 0)));
    }

    #[test]
    fn typescript_counts_files() {
        let listed = "\
/r/node_modules/lib.d.ts
/r/pkg/index.d.ts
/r/tests/types/help.d.ts
/r/tests/types/a.ts
/r/tests/types/b.ts
";
        let output = "\
tests/types/a.ts(1,7): error TS2322: no
tests/types/a.ts(2,7): error TS2322: no
";
        assert_eq!(tsc_counts("tests/types", listed, output), counts(1, 1, 0));
        assert_eq!(tsc_counts("tests/types", listed, ""), counts(2, 0, 0));
        assert_eq!(tsc_counts("tests/types", "", ""), counts(0, 0, 0));
    }

    #[test]
    fn the_table_ends_with_the_sum() {
        let mut summary = Summary::default();
        let second = Duration::from_secs(1);
        summary.check("rustfmt", "native", None, second);
        summary.tests("package", "Node 20.20.2", Ok(Some(counts(10, 0, 1))), true, second);
        assert!(!summary.failed());
        assert_eq!(
            summary.render(),
            "\
suite    host          passed  failed  skipped  seconds
rustfmt  native            ok                       1.0
package  Node 20.20.2      10       0        1      1.0

10 passed, 0 failed, 1 skipped"
        );
    }

    #[test]
    fn whatever_is_wrong_is_a_failure() {
        let sum = |result, success| {
            let mut summary = Summary::default();
            summary.tests("s", "h", result, success, Duration::ZERO);
            assert!(summary.failed());
            summary.sum()
        };
        assert_eq!(sum(Ok(None), true), "0 passed, 1 failed");
        assert_eq!(sum(Ok(Some(counts(0, 0, 2))), true), "0 passed, 1 failed, 2 skipped");
        assert_eq!(sum(Ok(Some(counts(5, 0, 0))), false), "5 passed, 1 failed");
        assert_eq!(sum(Ok(Some(counts(5, 2, 0))), false), "5 passed, 2 failed");
        assert_eq!(sum(Err("no such file".to_owned()), false), "0 passed, 1 failed");

        let mut summary = Summary::default();
        summary.check("clippy", "native", Some("it failed".to_owned()), Duration::ZERO);
        assert!(summary.failed());
        assert_eq!(
            summary.render(),
            "\
suite   host    passed  failed  skipped  seconds
clippy  native               1               0.0
clippy (native): it failed

0 passed, 1 failed"
        );
    }
}
