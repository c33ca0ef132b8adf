//! The body of a failed response, read leniently in each format that the API has.

use crate::error::{DecodeError, Problem, ProblemError};
use crate::json::{Reader, unescape};
use crate::redact::redact;

impl Problem {
    /// Reads the body of a failed response. Returns `None` if it has no known field, as with HTML.
    pub(crate) fn read(body: &[u8], secrets: &[String]) -> Option<Self> {
        let mut reader = Reader::new(std::str::from_utf8(body).ok()?);
        let fields = Fields::read(&mut reader, secrets).ok()?;
        reader.end().ok()?;
        let problem = Self {
            kind: fields.text(&["type"]),
            title: fields.text(&["title", "error"]),
            status: fields.status("status").or_else(|| fields.status("httpStatus")),
            detail: fields.text(&["detail", "error_description", "errorMessage"]),
            instance: fields.text(&["instance", "path"]),
            errors: fields.errors,
        };
        let texts = [&problem.kind, &problem.title, &problem.detail, &problem.instance];
        let has_any = texts.iter().any(|text| text.is_some()) || problem.status.is_some() || !problem.errors.is_empty();
        has_any.then_some(problem)
    }
}

/// The members of an object that may be a problem, or one of its errors.
#[derive(Default)]
struct Fields<'a> {
    /// Names, with strings or numbers as they are written.
    scalars: Vec<(String, &'a str)>,
    errors: Vec<ProblemError>,
    secrets: &'a [String],
}

impl<'a> Fields<'a> {
    fn read(reader: &mut Reader<'a>, secrets: &'a [String]) -> Result<Self, DecodeError> {
        let mut fields = Self { secrets, ..Self::default() };
        reader.object(&mut |reader, name| {
            let name = unescape(name);
            match reader.peek() {
                b'[' if name == "errors" => fields.errors = Self::read_errors(reader, secrets)?,
                b'[' | b'{' => {}
                _ => {
                    let start = reader.position();
                    reader.skip()?;
                    fields.scalars.push((name, reader.text_since(start)));
                }
            }
            Ok(())
        })?;
        Ok(fields)
    }

    fn read_errors(reader: &mut Reader<'a>, secrets: &'a [String]) -> Result<Vec<ProblemError>, DecodeError> {
        let mut errors = Vec::new();
        reader.array(&mut |reader, _| {
            match reader.peek() {
                b'"' => errors.push(ProblemError {
                    message: Some(redact(&unescape(reader.string()?), secrets)),
                    ..ProblemError::default()
                }),
                b'{' => {
                    // Errors may be nested in it. The reader limits how deep.
                    let fields = Self::read(reader, secrets)?;
                    errors.push(ProblemError {
                        code: fields.text(&["code"]),
                        field: fields.text(&["field"]),
                        message: fields.text(&["message"]),
                    });
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(errors)
    }

    /// The last member of a name.
    fn scalar(&self, name: &str) -> Option<&'a str> {
        self.scalars.iter().rev().find(|(known, _)| known == name).map(|(_, value)| *value)
    }

    /// The first of these members that is a string, and not empty.
    fn text(&self, names: &[&str]) -> Option<String> {
        let values = names.iter().filter_map(|name| self.scalar(name));
        let mut strings = values.filter(|value| value.starts_with('"')).map(unescape);
        strings.find(|text| !text.is_empty()).map(|text| redact(&text, self.secrets))
    }

    fn status(&self, name: &str) -> Option<u16> {
        self.scalar(name)?.parse::<u64>().ok()?.try_into().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_reads(body: &str, expected: Problem) {
        assert_eq!(Problem::read(body.as_bytes(), &[]), Some(expected));
    }

    #[test]
    fn all_fields_of_rfc_9457_are_read() {
        assert_reads(
            r#"{"type":"about:blank","title":"Bad Request","status":400,"detail":"2 faults","instance":"/v7/usage",
                "errors":[{"code":"E1","field":"expand","message":"unknown"},{"code":"E2"}],"extra":[1]}"#,
            Problem {
                kind: Some("about:blank".to_owned()),
                title: Some("Bad Request".to_owned()),
                status: Some(400),
                detail: Some("2 faults".to_owned()),
                instance: Some("/v7/usage".to_owned()),
                errors: vec![
                    ProblemError {
                        code: Some("E1".to_owned()),
                        field: Some("expand".to_owned()),
                        message: Some("unknown".to_owned()),
                    },
                    ProblemError { code: Some("E2".to_owned()), ..ProblemError::default() },
                ],
            },
        );
    }

    #[test]
    fn each_format_of_the_api_has_a_title_or_a_detail() {
        let problem = |title: Option<&str>, detail: &str| Problem {
            title: title.map(str::to_owned),
            detail: Some(detail.to_owned()),
            ..Problem::default()
        };
        assert_reads(
            r#"{"error":"invalid_token","error_description":"Invalid access token"}"#,
            problem(Some("invalid_token"), "Invalid access token"),
        );
        assert_reads(r#"{"errorMessage":"Internal error"}"#, problem(None, "Internal error"));
        // An empty string does not hide another one.
        assert_reads(
            r#"{"title":"","error":"invalid_token","detail":"","errorMessage":"expired"}"#,
            problem(Some("invalid_token"), "expired"),
        );
    }

    #[test]
    fn errors_of_plain_text_are_messages() {
        assert_reads(
            r#"{"timestamp":1700000000000,"httpStatus":404,"errors":["Not found","really"],"path":"/v7/usage"}"#,
            Problem {
                status: Some(404),
                instance: Some("/v7/usage".to_owned()),
                errors: ["Not found", "really"]
                    .map(|message| ProblemError { message: Some(message.to_owned()), ..ProblemError::default() })
                    .to_vec(),
                ..Problem::default()
            },
        );
    }

    #[test]
    fn a_field_of_the_wrong_type_loses_only_itself() {
        assert_reads(
            r#"{"title":"Bad","detail":7,"status":"400","errors":[null,3,{"message":"m","code":1}]}"#,
            Problem {
                title: Some("Bad".to_owned()),
                errors: vec![ProblemError { message: Some("m".to_owned()), ..ProblemError::default() }],
                ..Problem::default()
            },
        );
    }

    #[test]
    fn a_body_without_a_known_field_is_no_problem() {
        for body in ["<!doctype html>", "", "{}", "[]", "null", "7", r#""text""#, r#"{"message":1}"#] {
            assert_eq!(Problem::read(body.as_bytes(), &[]), None, "{body}");
        }
        assert_eq!(Problem::read(b"{\"title\":\"\xFF\"}", &[]), None);
        assert_eq!(Problem::read("[".repeat(200_000).as_bytes(), &[]), None);
    }

    #[test]
    fn an_echoed_secret_is_redacted() {
        let body = br#"{"title":"abc-123","detail":"Bearer abc-123 refused","errors":["abc-123",{"field":"abc-123"}]}"#;
        let problem = Problem::read(body, &["abc-123".to_owned()]).unwrap();
        assert!(!format!("{problem:?}").contains("abc-123"));
        assert_eq!(problem.detail.as_deref(), Some("Bearer [token] refused"));
    }
}
