//! Whether the CHANGELOG's newest section is about the version that is released.

use super::Finding::{self, NotYet, Wrong};

/// Checks the newest section: that it is this version's, is dated, and says something.
pub(super) fn check(changelog: &str, version: &str) -> Vec<Finding> {
    let mut sections = changelog.split("\n## ").skip(1);
    let Some((heading, body)) = sections.next().and_then(|section| section.split_once('\n')) else {
        return vec![Wrong(format!("it has no section: begin one with `## [{version}] - unreleased`"))];
    };
    let (name, date) = match heading.trim().split_once(" - ") {
        Some((name, date)) => (name, Some(date)),
        None => (heading.trim(), None),
    };
    let mut findings = Vec::new();
    if name.eq_ignore_ascii_case("[unreleased]") {
        findings.push(NotYet(format!("the newest section is {name}: call it [{version}]")));
    } else if name != format!("[{version}]") {
        findings
            .push(Wrong(format!("the newest section is {name} and the version {version}: correct either")));
    }
    match date {
        None | Some("unreleased") => {
            findings.push(NotYet("the newest section is not dated yet: a release refuses that".to_owned()));
        }
        Some(date) if !is_date(date) => {
            findings.push(Wrong(format!("{date:?} is no date: write it as 2026-01-31")));
        }
        Some(_) => {}
    }
    if !body.lines().any(|line| line.starts_with("- ")) {
        findings.push(Wrong(format!("the section {name} lists nothing: say what users will notice")));
    }
    findings
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |text: &str, digits: usize| -> Option<u32> {
        (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
    };
    let [year, month, day] = parts[..] else { return false };
    number(year, 4).is_some()
        && number(month, 2).is_some_and(|month| (1..=12).contains(&month))
        && number(day, 2).is_some_and(|day| (1..=31).contains(&day))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(headings: &str) -> Vec<Finding> {
        check(&format!("# Changelog\n\nIts format.\n\n{headings}\n\n### Added\n\n- Something.\n"), "1.2.3")
    }

    #[test]
    fn a_dated_section_of_the_version_is_fit() {
        assert_eq!(found("## [1.2.3] - 2026-11-23"), []);
    }

    #[test]
    fn only_the_newest_section_counts() {
        assert_eq!(found("## [1.2.3] - 2026-11-23\n\n- A.\n\n## [1.2.2] - soon"), []);
    }

    #[test]
    fn one_without_a_date_is_not_fit_yet() {
        for heading in ["## [1.2.3] - unreleased", "## [1.2.3]"] {
            let [NotYet(text)] = &found(heading)[..] else { panic!("{heading}") };
            assert!(text.contains("not dated yet"), "{text}");
        }
        assert!(matches!(found("## [Unreleased]")[..], [NotYet(_), NotYet(_)]));
    }

    #[test]
    fn one_of_another_version_or_with_a_bad_date_is_wrong() {
        for heading in ["## [1.2.4] - 2026-11-23", "## 1.2.3 - 2026-11-23", "## [1.2.3] - 2026-13-23"] {
            assert!(matches!(found(heading)[..], [Wrong(_)]), "{heading}");
        }
        assert!(
            !is_date("26-11-23") && !is_date("2026-11-32") && !is_date("2026-+1-23") && !is_date("2026-11")
        );
    }

    #[test]
    fn one_that_says_nothing_is_wrong() {
        assert!(matches!(check("# Changelog\n", "1.2.3")[..], [Wrong(_)]));
        let empty =
            "# Changelog\n\n## [1.2.3] - 2026-11-23\n\n### Added\n\n## [1.2.2] - 2026-01-01\n\n- A.\n";
        assert!(matches!(check(empty, "1.2.3")[..], [Wrong(_)]));
    }
}
