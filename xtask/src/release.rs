//! `cargo xtask release`: what would be published, packed by npm itself and checked, and then published.
//!
//! With `--dry-run` it stops before the last, and lets pass what only a release has: a date, an address, a tag.

mod changelog;
mod content;
pub(crate) mod licences;

use std::env;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use self::Finding::{NotYet, Wrong};
use self::content::Files;
use crate::build;
use crate::sh;
use crate::workspace::{CRATE, Workspace};

/// The first npm that can publish by OIDC.
const NPM_NEEDED: [u32; 3] = [11, 5, 1];

/// The most bytes of each, about a tenth more than when they were written down: users wait for them, so many more are
/// to be a decision, not an accident.
const BUDGETS: [(&str, u64); 2] = [("packed", 180_000), ("unpacked", 490_000)];

/// What a check has to say against a release.
#[derive(Debug, PartialEq)]
enum Finding {
    /// Is wrong at any time.
    Wrong(String),
    /// May be so until the release: a dry run lets it pass.
    NotYet(String),
}

/// A check's name, what it says when it finds nothing, and what it found.
type Check = (&'static str, String, Vec<Finding>);

/// Checks what would be published, and publishes nothing.
pub(crate) fn dry_run(ws: &Workspace) -> Result<()> {
    check(ws, false).map(drop)
}

/// Checks everything, and publishes it.
pub(crate) fn run(ws: &Workspace) -> Result<()> {
    in_workflow(ws)?;
    let tarball = check(ws, true)?;
    let mut npm = ws.command("npm");
    npm.arg("publish").arg(tarball.path).args(["--access", "public", "--provenance"]);
    // Else npm would have to give a preview to all who ask for no version, and refuses.
    if ws.version.contains('-') {
        npm.args(["--tag", "next"]);
    }
    sh::run(&mut npm)
}

/// Refuses where npm could not tell who publishes.
fn in_workflow(ws: &Workspace) -> Result<()> {
    let variables = ["ACTIONS_ID_TOKEN_REQUEST_URL", "GITHUB_SERVER_URL", "GITHUB_REPOSITORY"];
    ensure!(
        variables.into_iter().all(|name| env::var_os(name).is_some()),
        "only .github/workflows/release.yml publishes, when a tag is pushed: npm knows it by GitHub's OIDC token, \
         which is not to be had here; what can be checked here, `cargo xtask release --dry-run` checks"
    );
    let npm = sh::output(ws.command("npm").arg("--version"))?;
    ensure!(
        numbers(npm.trim()).as_slice() >= &NPM_NEEDED,
        "npm 11.5.1 or newer is needed to publish by OIDC and this is {}: use Node 24",
        npm.trim()
    );
    Ok(())
}

fn numbers(version: &str) -> Vec<u32> {
    version.split(['.', '-']).take(3).map_while(|number| number.parse().ok()).collect()
}

/// Builds, packs, and checks what was packed: as far as that is possible before a release, or strictly.
fn check(ws: &Workspace, strict: bool) -> Result<Tarball> {
    build::run(ws)?;
    let tarball = Tarball::pack(ws)?;
    tarball.print();

    let manifest: Value =
        serde_json::from_str(tarball.text("package.json")?).context("pkg/package.json is no JSON")?;
    let sizes = [tarball.packed, tarball.unpacked()];
    let budgets: Vec<_> = BUDGETS.into_iter().zip(sizes).map(|((of, most), size)| (of, size, most)).collect();
    let mut checks: Vec<Check> = vec![
        (
            "versions",
            format!("{} in Cargo.toml and package.json, which has what npm needs and no more", ws.version),
            versions(&manifest, &ws.version),
        ),
        (
            "changelog",
            format!("its newest section is of {}, with a date", ws.version),
            changelog::check(tarball.text("CHANGELOG.md")?, &ws.version),
        ),
        (
            "content",
            "what is meant and no more, each file once and of use, without a path of this machine".to_owned(),
            content::check(&tarball.files, &manifest, &folders(ws)),
        ),
        (
            "licences",
            format!(
                "{} has each crate that is in usage.wasm, with what its licence asks for",
                licences::NOTICE
            ),
            licences::check(tarball.bytes("usage.wasm")?, tarball.text(licences::NOTICE)?),
        ),
        (
            "sizes",
            budgets
                .iter()
                .map(|(of, size, most)| format!("{of} {size} of {most}"))
                .collect::<Vec<_>>()
                .join(", "),
            sizes_over(&budgets),
        ),
        (
            "repository",
            "package.json names it".to_owned(),
            repository(manifest["repository"].as_str(), publisher().as_deref()),
        ),
    ];
    if strict {
        let clean = format!("a clean work tree, at the tag v{}", ws.version);
        checks.push(("source", clean, source(ws)?));
    }
    let wrong = report(checks, strict);
    ensure!(wrong.is_empty(), "not fit to be released, for what is said above of: {}", wrong.join(", "));
    Ok(tarball)
}

/// Prints what each check found, and returns the names of those that stop this run.
fn report(checks: Vec<Check>, strict: bool) -> Vec<&'static str> {
    let mut wrong = Vec::new();
    for (name, fine, findings) in checks {
        if findings.is_empty() {
            println!("ok       {name}: {fine}");
        }
        for finding in findings {
            let (stops, text) = match finding {
                Wrong(text) => (true, text),
                NotYet(text) => (strict, text),
            };
            println!("{}{name}: {text}", if stops { "wrong    " } else { "not yet  " });
            if stops && wrong.last() != Some(&name) {
                wrong.push(name);
            }
        }
    }
    wrong
}

/// What npm made of pkg/.
struct Tarball {
    path: PathBuf,
    packed: u64,
    files: Files,
}

impl Tarball {
    fn pack(ws: &Workspace) -> Result<Self> {
        let scratch = ws.scratch("")?;
        let mut npm = ws.command("npm");
        npm.args(["pack", "./pkg", "--json", "--ignore-scripts", "--pack-destination"]).arg(&scratch);
        sh::echo(&npm);
        let packed: Value =
            serde_json::from_str(&sh::output(&mut npm)?).context("`npm pack --json` printed no JSON")?;
        let packed = &packed[0];
        let file = packed["filename"].as_str().context("`npm pack --json` named no tarball")?;
        let listed = packed["files"].as_array().context("`npm pack --json` listed no files")?;
        let files = listed.iter().map(|file| {
            let name = file["path"].as_str().context("`npm pack --json` listed a file without a path")?;
            let path = ws.path("pkg").join(name);
            let bytes = fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
            Ok((name.to_owned(), bytes))
        });
        Ok(Self {
            path: scratch.join(file),
            packed: packed["size"].as_u64().context("`npm pack --json` gave no size")?,
            files: files.collect::<Result<_>>()?,
        })
    }

    fn bytes(&self, name: &str) -> Result<&[u8]> {
        let bytes = self.files.get(name).with_context(|| format!("the tarball has no {name}"))?;
        Ok(bytes)
    }

    fn text(&self, name: &str) -> Result<&str> {
        str::from_utf8(self.bytes(name)?).with_context(|| format!("{name} is no UTF-8"))
    }

    fn size(&self, name: &str) -> u64 {
        self.files.get(name).map_or(0, |bytes| bytes.len() as u64)
    }

    fn unpacked(&self) -> u64 {
        self.files.keys().map(|name| self.size(name)).sum()
    }

    fn print(&self) {
        println!("\n{}", self.path.display());
        for name in self.files.keys() {
            println!("{:>9}  {name}", self.size(name));
        }
        println!("{:>9}  in {} files, packed into {}\n", self.unpacked(), self.files.len(), self.packed);
    }
}

fn versions(manifest: &Value, version: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for key in ["name", "version", "description", "license"] {
        if manifest[key].as_str().is_none_or(str::is_empty) {
            findings.push(Wrong(format!("package.json has no {key}: npm shows it to users")));
        }
    }
    for key in ["private", "scripts", "dependencies", "devDependencies"] {
        if !manifest[key].is_null() {
            findings.push(Wrong(format!("package.json has {key}: take it out of pkg-template/package.json")));
        }
    }
    for (key, expected) in [("name", CRATE), ("version", version)] {
        if manifest[key] != expected {
            findings
                .push(Wrong(format!("package.json has the {key} {}, Cargo.toml {expected}", manifest[key])));
        }
    }
    findings
}

/// Folders of this machine that a build may have written down.
fn folders(ws: &Workspace) -> Vec<PathBuf> {
    let variables = ["CARGO_HOME", "RUSTUP_HOME"].map(|name| env::var_os(name).map(PathBuf::from));
    let own = [env::home_dir(), Some(ws.path("")), Some(ws.target(""))];
    own.into_iter().chain(variables).flatten().collect()
}

/// Of each its name, its size, and the most that is allowed.
fn sizes_over(budgets: &[(&str, u64, u64)]) -> Vec<Finding> {
    let over = budgets.iter().filter(|(_, size, most)| size > most);
    over.map(|(of, size, most)| {
        Wrong(format!(
            "{of}: {size} bytes, over its budget of {most}: make it smaller, or say in BUDGETS of \
             xtask/src/release.rs that it may be more"
        ))
    })
    .collect()
}

/// The repository whose workflow this is, as GitHub tells it.
fn publisher() -> Option<String> {
    Some(format!("{}/{}", env::var("GITHUB_SERVER_URL").ok()?, env::var("GITHUB_REPOSITORY").ok()?))
}

/// npm's provenance demands a repository, and that it is the one that publishes. A fork's dry run is not.
fn repository(named: Option<&str>, publisher: Option<&str>) -> Vec<Finding> {
    let Some(named) = named else {
        return vec![NotYet(
            "package.json names none, and npm's provenance demands one: give Cargo.toml a \
             `repository = \"https://…\"` once the project has a public address"
                .to_owned(),
        )];
    };
    let address = named.trim_start_matches("git+").trim_end_matches(".git");
    match publisher {
        Some(publisher) if publisher != address => vec![NotYet(format!(
            "package.json names {address} and this is {publisher}, which npm would refuse: correct `repository` in \
             Cargo.toml"
        ))],
        _ => Vec::new(),
    }
}

/// The address of Cargo.toml as npm writes it, if there is one.
pub(crate) fn npm_repository(metadata: &Value) -> Option<String> {
    let packages = metadata["packages"].as_array()?;
    let address = packages.iter().find(|package| package["name"] == CRATE)?["repository"].as_str()?;
    Some(format!("git+{}.git", address.trim_end_matches('/').trim_end_matches(".git")))
}

/// That what was built is what the tag names.
fn source(ws: &Workspace) -> Result<Vec<Finding>> {
    let changed = sh::output(ws.command("git").args(["status", "--porcelain"]))?;
    let tags = sh::output(ws.command("git").args(["tag", "--points-at", "HEAD"]))?;
    Ok(source_findings(&changed, &tags, &ws.version))
}

fn source_findings(changed: &str, tags: &str, version: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !changed.trim().is_empty() {
        findings.push(Wrong(format!("the work tree is not what HEAD holds:\n{}", changed.trim_end())));
    }
    if !tags.lines().any(|tag| tag.strip_prefix('v') == Some(version)) {
        findings.push(Wrong(format!(
            "HEAD has no tag v{version} (its tags: {:?}): tag the commit whose Cargo.toml has that version",
            tags.trim()
        )));
    }
    findings
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_yet_so_stops_only_a_release() {
        let checks = || -> Vec<Check> {
            vec![
                ("a", String::new(), vec![]),
                ("b", String::new(), vec![NotYet(String::new())]),
                ("c", String::new(), vec![Wrong(String::new()), Wrong(String::new())]),
            ]
        };
        assert_eq!(report(checks(), false), ["c"]);
        assert_eq!(report(checks(), true), ["b", "c"]);
    }

    #[test]
    fn a_manifest_has_what_npm_needs_and_no_more() {
        let good = json!({ "name": CRATE, "version": "1.2.3", "description": "d", "license": "MIT" });
        assert_eq!(versions(&good, "1.2.3"), []);
        for (key, value) in [
            ("name", json!("other")),
            ("version", json!("1.2.4")),
            ("description", json!("")),
            ("license", json!(null)),
            ("private", json!(true)),
            ("scripts", json!({})),
            ("dependencies", json!({})),
            ("devDependencies", json!({})),
        ] {
            let mut bad = good.clone();
            bad[key] = value;
            let findings = versions(&bad, "1.2.3");
            assert!(matches!(&findings[..], [Wrong(text)] if text.contains(key)), "{key}: {findings:?}");
        }
    }

    #[test]
    fn a_budget_is_kept_to_the_byte() {
        assert_eq!(sizes_over(&[("a", 10, 10)]), []);
        assert!(
            matches!(&sizes_over(&[("a", 10, 10), ("b", 11, 10)])[..], [Wrong(text)] if text.starts_with("b: 11"))
        );
    }

    #[test]
    fn the_repository_is_the_one_that_publishes() {
        let metadata = |address| json!({ "packages": [{ "name": CRATE, "repository": address }] });
        for address in
            ["https://host.example/o/r", "https://host.example/o/r.git", "https://host.example/o/r/"]
        {
            let named = npm_repository(&metadata(json!(address)));
            assert_eq!(named.as_deref(), Some("git+https://host.example/o/r.git"));
            assert_eq!(repository(named.as_deref(), Some("https://host.example/o/r")), []);
            assert_eq!(repository(named.as_deref(), None), []);
            assert!(matches!(
                repository(named.as_deref(), Some("https://host.example/fork/r"))[..],
                [NotYet(_)]
            ));
        }
        assert_eq!(npm_repository(&metadata(json!(null))), None);
        assert!(matches!(repository(None, None)[..], [NotYet(_)]));
    }

    #[test]
    fn a_release_is_made_from_its_tag_alone() {
        assert_eq!(source_findings("", "latest\nv1.2.3\n", "1.2.3"), []);
        assert!(matches!(source_findings(" M a\n", "v1.2.3\n", "1.2.3")[..], [Wrong(_)]));
        for tags in ["", "v1.2.30\n", "1.2.3\n"] {
            assert!(matches!(source_findings("", tags, "1.2.3")[..], [Wrong(_)]), "{tags:?}");
        }
    }

    #[test]
    fn versions_of_npm_are_compared_by_number() {
        let enough = |npm| numbers(npm).as_slice() >= &NPM_NEEDED;
        assert!(enough("11.5.1") && enough("11.19.1") && enough("12.0.0-pre.1"));
        assert!(!enough("11.5.0") && !enough("10.9.7") && !enough(""));
    }
}
