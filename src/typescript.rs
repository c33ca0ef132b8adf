//! The TypeScript declarations of the model and the summaries, made from the Rust types when the package is built.

use crate::error::ErrorCode;
use crate::model::{Declared, Field, MODELS, Model, Type};
use crate::query::Expand;
use crate::summary::{self, Meter};

/// The text of the declarations.
#[must_use]
pub fn typescript() -> String {
    let mut parts = vec![
        "// Generated from the Rust model by `cargo xtask build`.\n".to_owned(),
        union(
            &[
                " A breakdown to include in the response. Each fills the array of its name in {@link UsageDetails}.",
                "",
                " @example",
                " const breakdowns: Expand[] = [\"test\", \"enterprise-agent\"];",
                " const { usage } = await getUsage(\"2067\", breakdowns);",
            ],
            "Expand",
            Expand::ALL.iter().map(|value| value.as_str()),
        ),
        union(
            &[" The kind of an error. Stable: programs may branch on it."],
            "ErrorCode",
            ErrorCode::ALL.iter().map(|code| code.as_str()),
        ),
        union(
            &[
                " What an organisation uses, and may have a quota of. It begins the names of its fields in {@link UsageDetails}.",
            ],
            "Meter",
            Meter::ALL.iter().map(|meter| meter.as_str()),
        ),
    ];
    parts.extend(MODELS.iter().chain(summary::MODELS).map(|model| interface(model)));
    parts.join("\n")
}

fn interface(model: &Model) -> String {
    let Declared { name, docs } = model.declared;
    let mut lines = comment(docs, "");
    lines.push(format!("export interface {name} {{"));
    for Field { declared, is_required, value_type, .. } in model.fields {
        let mark = if *is_required { "" } else { "?" };
        lines.extend(comment(declared.docs, "  "));
        lines.push(format!("  {}{mark}: {};", declared.name, type_name(*value_type)));
    }
    lines.push("}\n".to_owned());
    lines.join("\n")
}

fn type_name(value_type: Type) -> String {
    match value_type {
        Type::String => "string".to_owned(),
        Type::Boolean => "boolean".to_owned(),
        Type::Integer => "number".to_owned(),
        Type::Object(model) => model.declared.name.to_owned(),
        Type::Array(model) => format!("{}[]", model.declared.name),
        Type::WriteOnly(name) => name.to_owned(),
    }
}

fn union(docs: &[&str], name: &str, values: impl Iterator<Item = &'static str>) -> String {
    let mut lines = comment(docs, "");
    lines.push(format!("export type {name} ="));
    lines.extend(values.map(|value| format!("  | \"{value}\"")));
    lines.join("\n") + ";\n"
}

fn comment(docs: &[&str], indent: &str) -> Vec<String> {
    match docs {
        [line] => vec![format!("{indent}/**{line} */")],
        lines => {
            let body = lines.iter().map(|line| format!("{indent} *{line}"));
            [format!("{indent}/**")].into_iter().chain(body).chain([format!("{indent} */")]).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Link, Object, UsageDetails};

    #[test]
    fn every_field_is_optional_except_href_of_a_link() {
        let link = interface(Link::MODEL);
        assert!(link.contains("\n  href: string;\n"), "{link}");
        assert_eq!(link.matches("?: ").count(), 7, "{link}");
    }

    #[test]
    fn every_field_has_its_doc_comment_and_type() {
        let details = interface(UsageDetails::MODEL);
        assert!(
            details.contains(
                "  /** Cloud units of each test. Absent unless `test` was expanded. */\n  tests?: TestUsage[];\n"
            ),
            "{details}"
        );
        assert_eq!(details.matches("/**").count(), 1 + UsageDetails::MODEL.fields.len());
    }

    #[test]
    fn the_values_of_expand_and_the_codes_are_unions() {
        let text = typescript();
        assert!(text.contains("export type Expand =\n  | \"test\"\n  | \"enterprise-agent\"\n"), "{text}");
        assert!(text.contains("export type ErrorCode =\n  | \"argument\"\n"), "{text}");
    }
}
