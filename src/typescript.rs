//! The TypeScript declarations of the model, written at build time from the Rust model itself.
//!
//! tsify was rejected: it can say neither that a field absent from the JSON is absent from the type, without an
//! attribute on each, nor that the fields of `other` need no mention.

use crate::error::Code;
use crate::insight::{self, Meter, Timestamp};
use crate::model;
use crate::query::Expand;

/// The name that TypeScript has for a Rust type.
pub(crate) trait TypeName {
    /// Whether a field of this type may be absent.
    const OPTIONAL: bool = false;

    fn type_name() -> String;
}

impl TypeName for String {
    fn type_name() -> String {
        "string".to_owned()
    }
}

impl TypeName for i64 {
    fn type_name() -> String {
        "number".to_owned()
    }
}

impl TypeName for f64 {
    fn type_name() -> String {
        "number".to_owned()
    }
}

impl TypeName for Timestamp {
    fn type_name() -> String {
        "string".to_owned()
    }
}

impl TypeName for Meter {
    fn type_name() -> String {
        "Meter".to_owned()
    }
}

impl TypeName for bool {
    fn type_name() -> String {
        "boolean".to_owned()
    }
}

impl<T: TypeName> TypeName for Option<T> {
    const OPTIONAL: bool = true;

    fn type_name() -> String {
        T::type_name()
    }
}

impl<T: TypeName> TypeName for Vec<T> {
    fn type_name() -> String {
        format!("{}[]", T::type_name())
    }
}

/// A field of an interface.
pub(crate) struct Property {
    pub(crate) docs: &'static [&'static str],
    pub(crate) name: &'static str,
    pub(crate) optional: bool,
    pub(crate) type_name: String,
}

/// A type that is declared as an interface.
pub(crate) trait Declare: TypeName {
    const DOCS: &'static [&'static str];

    fn properties() -> Vec<Property>;
}

/// Declares a struct as the interface of its JSON names.
macro_rules! declare {
    ($name:ident [$($doc:literal),+] $([$($field_doc:literal),+] $json:literal: $type:ty;)+) => {
        impl TypeName for $name {
            fn type_name() -> String {
                stringify!($name).to_owned()
            }
        }

        impl Declare for $name {
            const DOCS: &'static [&'static str] = &[$($doc),+];

            fn properties() -> Vec<Property> {
                vec![$(Property {
                    docs: &[$($field_doc),+],
                    name: $json,
                    optional: <$type as TypeName>::OPTIONAL,
                    type_name: <$type as TypeName>::type_name(),
                }),+]
            }
        }
    };
}
pub(crate) use declare;

/// The declaration of one interface.
pub(crate) fn interface<T: Declare>() -> String {
    let mut lines = comment(T::DOCS, "");
    lines.push(format!("export interface {} {{", T::type_name()));
    for Property { docs, name, optional, type_name } in T::properties() {
        let mark = if optional { "?" } else { "" };
        lines.extend(comment(docs, "  "));
        lines.push(format!("  {name}{mark}: {type_name};"));
    }
    lines.push("}\n".to_owned());
    lines.join("\n")
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

fn union(docs: &[&str], name: &str, values: &[&str]) -> String {
    let mut lines = comment(docs, "");
    lines.push(format!("export type {name} ="));
    lines.extend(values.iter().map(|value| format!("  | \"{value}\"")));
    lines.join("\n") + ";\n"
}

/// The whole of the declarations that come out of the Rust code.
#[must_use]
pub fn typescript() -> String {
    let mut parts = vec![
        "// Generated from the Rust model by `cargo xtask build`.\n".to_owned(),
        union(
            &[
                " A breakdown to include in the answer. Each fills the array of its name in {@link UsageDetails}.",
                "",
                " @example",
                " const breakdowns: Expand[] = [\"test\", \"enterprise-agent\"];",
                " const { usage } = await getUsage(\"2067\", breakdowns);",
            ],
            "Expand",
            &Expand::ALL.iter().map(|value| value.as_str()).collect::<Vec<_>>(),
        ),
        union(
            &[" What kind of failure an error is. Stable: programs may branch on it."],
            "ErrorCode",
            &Code::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>(),
        ),
        union(
            &[
                " What an organisation uses, and may have a quota of. It begins the names of its fields in {@link UsageDetails}.",
            ],
            "Meter",
            &Meter::ALL.map(Meter::as_str),
        ),
    ];
    parts.extend(model::declarations());
    parts.extend(insight::declarations());
    parts.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Link, UsageDetails};

    #[test]
    fn a_field_is_optional_but_href_of_a_link() {
        let link = interface::<Link>();
        assert!(link.contains("\n  href: string;\n"), "{link}");
        assert_eq!(link.matches("?: ").count(), 7, "{link}");
    }

    #[test]
    fn every_field_carries_its_doc_comment_and_type() {
        let details = interface::<UsageDetails>();
        assert!(
            details.contains(
                "  /** Cloud units of each test. Absent unless `test` was expanded. */\n  tests?: TestUsage[];\n"
            ),
            "{details}"
        );
        assert_eq!(details.matches("/**").count(), 1 + UsageDetails::properties().len());
    }

    #[test]
    fn the_values_of_expand_and_the_codes_are_unions() {
        let text = typescript();
        assert!(text.contains("export type Expand =\n  | \"test\"\n  | \"enterprise-agent\"\n"), "{text}");
        assert!(text.contains("export type ErrorCode =\n  | \"argument\"\n"), "{text}");
    }
}
