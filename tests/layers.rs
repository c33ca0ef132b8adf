//! Modules import one way: `use crate::…` names only modules of a lower layer.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The modules of src/, from the lowest layer to the highest.
const LAYERS: [&[&str]; 7] = [
    &["calendar", "endpoint", "model", "string_enum"],
    &["date_time", "error"],
    &["json", "options", "paging", "query", "redact", "retry"],
    &["decode", "problem", "summary"],
    &["client"],
    &["transport"],
    &["exports", "typescript"],
];

fn layer(module: &str) -> usize {
    let layer = LAYERS.iter().position(|modules| modules.contains(&module));
    layer.unwrap_or_else(|| panic!("{module} has no layer: add it to tests/layers.rs"))
}

/// The Rust files below a folder.
fn files(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path.to_str().unwrap().replace('\\', "/"));
        }
    }
    files
}

/// The top-level module of a file such as `src/retry/date.rs`.
fn module_of(file: &str) -> &str {
    let path = file.strip_prefix("src/").unwrap();
    path.split(['/', '.']).next().unwrap()
}

/// The modules that follow `crate::` in code, without tests and comments.
fn imports(code: &str) -> BTreeSet<String> {
    let code = code.split("#[cfg(test)]").next().unwrap();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = lines.collect::<Vec<_>>().join("\n");
    let mut modules = BTreeSet::new();
    for path in code.split("crate::").skip(1) {
        assert!(!path.starts_with('{'), "write one `use crate::` for each module: {path:.40}");
        let module = path.split(|char: char| !char.is_alphanumeric() && char != '_').next().unwrap();
        modules.insert(module.to_owned());
    }
    modules
}

#[test]
fn each_module_imports_only_modules_of_lower_layers() {
    let mut found = BTreeSet::new();
    for file in files(Path::new("src")).iter().filter(|file| !file.ends_with("tests.rs")) {
        let module = module_of(file);
        if module == "lib" {
            continue;
        }
        found.insert(module.to_owned());
        for import in imports(&fs::read_to_string(file).unwrap()) {
            let is_lower = import == module || layer(&import) < layer(module);
            assert!(is_lower, "{file} imports {import}, which is not in a lower layer than {module}");
        }
    }
    let listed: BTreeSet<_> = LAYERS.concat().into_iter().map(str::to_owned).collect();
    assert_eq!(found, listed, "the modules of src/ and those of tests/layers.rs");
}

#[test]
fn imports_are_found_in_code_and_not_in_comments_or_tests() {
    let code = "use crate::json::Reader;\n/// [`crate::client`]\nfn f() { crate::model::g() }\n#[cfg(test)]\nuse crate::retry;";
    assert_eq!(imports(code).into_iter().collect::<Vec<_>>(), ["json", "model"]);
}
