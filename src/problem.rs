//! What the body of a failed answer says, read leniently from each shape that the API has.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use crate::digits;
use crate::json::{self, Cursor, Fault};

/// The longest piece of an answer's own words that goes into an error message, in characters.
const SUMMARY_LENGTH: usize = 200;

/// In characters. What is shorter tells nothing of a secret, and striking it out would only garble words.
const SHORTEST_PIECE: usize = 6;

/// What an answer said about its failure, in the terms of [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457).
///
/// The API's other shapes are brought to the same fields. These are the server's words: show them, but do not branch
/// on them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// URI of the kind of problem.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Short summary of the kind of problem; of an OAuth error, its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The status that the body claims. The answer's own status may differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What went wrong this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Where it went wrong: a URI or a path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The single faults, such as one for each refused parameter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemError>,
}

/// One fault of a [`Problem`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ProblemError {
    /// Code of the fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The field or parameter that is at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl Problem {
    /// Reads the body of a failed answer, or nothing where it holds none of the known fields, as HTML does.
    ///
    /// A server may echo the request: the secrets in it are struck out.
    pub(crate) fn read(body: &[u8], secrets: &[String]) -> Option<Self> {
        let mut cursor = Cursor::new(core::str::from_utf8(body).ok()?);
        let fields = Fields::read(&mut cursor, secrets).ok()?;
        cursor.end().ok()?;
        let problem = Self {
            kind: fields.text(&["type"]),
            title: fields.text(&["title", "error"]),
            status: fields.status("status").or_else(|| fields.status("httpStatus")),
            detail: fields.text(&["detail", "error_description", "errorMessage"]),
            instance: fields.text(&["instance", "path"]),
            errors: fields.errors,
        };
        (problem != Self::default()).then_some(problem)
    }

    /// The one line that says most, fit for a log: the detail and the first of the single faults, else the title.
    pub(crate) fn summary(&self) -> Option<String> {
        let first_error = self.errors.iter().find_map(|error| error.message.as_deref());
        let title = if self.detail.is_none() && first_error.is_none() { self.title.as_deref() } else { None };
        let mut summary = String::new();
        for text in [self.detail.as_deref(), first_error, title].into_iter().flatten() {
            let line = one_line(text);
            if !line.is_empty() && !summary.is_empty() {
                summary.push_str(": ");
            }
            summary.push_str(&line);
        }
        (!summary.is_empty()).then_some(summary)
    }
}

fn one_line(text: &str) -> String {
    let mut line = String::new();
    for char in text.chars().take(SUMMARY_LENGTH) {
        line.push(if char.is_control() { ' ' } else { char });
    }
    line.trim_ascii().trim_end_matches('.').to_owned()
}

/// The members of an object that may be those of a problem, or of one of its faults.
#[derive(Default)]
struct Fields<'a> {
    /// Names, and strings or numbers as they are written.
    scalars: Vec<(String, &'a str)>,
    errors: Vec<ProblemError>,
    secrets: &'a [String],
}

impl<'a> Fields<'a> {
    fn read(cursor: &mut Cursor<'a>, secrets: &'a [String]) -> Result<Self, Fault> {
        let mut fields = Self { secrets, ..Self::default() };
        if cursor.peek() != b'{' {
            return Err(Fault::Syntax);
        }
        let mut more = cursor.open(b'}')?;
        while more {
            let name = json::unescape(cursor.name()?);
            let first = cursor.peek();
            if name == "errors" && first == b'[' {
                fields.errors = Self::errors(cursor, secrets)?;
            } else {
                let start = cursor.at();
                cursor.skip()?;
                if !matches!(first, b'[' | b'{') {
                    fields.scalars.push((name, cursor.since(start)));
                }
            }
            more = cursor.more(b'}')?;
        }
        Ok(fields)
    }

    fn errors(cursor: &mut Cursor<'a>, secrets: &'a [String]) -> Result<Vec<ProblemError>, Fault> {
        let mut errors = Vec::new();
        let mut more = cursor.open(b']')?;
        while more {
            match cursor.peek() {
                b'"' => errors.push(ProblemError {
                    message: Some(strike_out(&json::unescape(cursor.string()?), secrets)),
                    ..ProblemError::default()
                }),
                b'{' => {
                    // One whose own `errors` are nested is as deep as the cursor goes.
                    let fields = Self::read(cursor, secrets)?;
                    errors.push(ProblemError {
                        code: fields.text(&["code"]),
                        field: fields.text(&["field"]),
                        message: fields.text(&["message"]),
                    });
                }
                _ => cursor.skip()?,
            }
            more = cursor.more(b']')?;
        }
        Ok(errors)
    }

    /// The last member of a name.
    fn scalar(&self, name: &str) -> Option<&'a str> {
        self.scalars.iter().rev().find(|(it, _)| it == name).map(|(_, value)| *value)
    }

    /// The first of these that is a text.
    fn text(&self, names: &[&str]) -> Option<String> {
        let texts = names.iter().filter_map(|name| self.scalar(name));
        let mut texts = texts.filter(|value| value.starts_with('"')).map(json::unescape);
        texts.find(|text| !text.is_empty()).map(|text| strike_out(&text, self.secrets))
    }

    fn status(&self, name: &str) -> Option<u16> {
        u16::try_from(digits::read(self.scalar(name)?)?).ok()
    }
}

/// The text without any piece of a secret: a server may echo a part of it.
pub(crate) fn strike_out(text: &str, secrets: &[String]) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.chars();
    loop {
        let mut end = 0;
        for secret in secrets {
            end = end.max(longest_piece(rest.as_str(), secret));
        }
        if end > 0 {
            clean.push_str("[token]");
            rest = rest.as_str().get(end..).unwrap_or_default().chars();
        } else if let Some(first) = rest.next() {
            clean.push(first);
        } else {
            return clean;
        }
    }
}

/// Where the longest piece of the secret ends that the text begins with, or 0.
fn longest_piece(text: &str, secret: &str) -> usize {
    let (mut end, mut longest) = (0, 0);
    for (count, char) in text.chars().enumerate() {
        end += char.len_utf8();
        if count + 1 >= SHORTEST_PIECE {
            if !text.get(..end).is_some_and(|piece| contains(secret, piece)) {
                break;
            }
            longest = end;
        }
    }
    longest
}

/// `str::contains` was rejected: it prepares for long texts, which is 2 KB of the .wasm.
fn contains(text: &str, piece: &str) -> bool {
    text.as_bytes().windows(piece.len()).any(|window| window == piece.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(body: &str, expected: Problem) {
        assert_eq!(Problem::read(body.as_bytes(), &[]), Some(expected));
    }

    #[track_caller]
    fn reads_nothing(body: &[u8]) {
        assert_eq!(Problem::read(body, &[]), None);
    }

    #[test]
    fn rfc_9457_is_read_whole() {
        reads(
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
    fn oauth_error_and_description_are_title_and_detail() {
        reads(
            r#"{"error":"invalid_token","error_description":"Invalid access token"}"#,
            Problem {
                title: Some("invalid_token".to_owned()),
                detail: Some("Invalid access token".to_owned()),
                ..Problem::default()
            },
        );
    }

    #[test]
    fn error_message_is_detail() {
        reads(
            r#"{"errorMessage":"Internal error"}"#,
            Problem { detail: Some("Internal error".to_owned()), ..Problem::default() },
        );
    }

    #[test]
    fn errors_of_plain_text_are_messages() {
        reads(
            r#"{"timestamp":1700000000000,"httpStatus":404,"errors":["Not found","really"],"path":"/v7/usage"}"#,
            Problem {
                status: Some(404),
                instance: Some("/v7/usage".to_owned()),
                errors: ["Not found", "really"]
                    .map(|message| ProblemError {
                        message: Some(message.to_owned()),
                        ..ProblemError::default()
                    })
                    .to_vec(),
                ..Problem::default()
            },
        );
    }

    #[test]
    fn a_field_of_the_wrong_type_loses_only_itself() {
        reads(
            r#"{"title":"Bad","detail":7,"status":"400","errors":[null,3,{"message":"m","code":1}]}"#,
            Problem {
                title: Some("Bad".to_owned()),
                errors: vec![ProblemError { message: Some("m".to_owned()), ..ProblemError::default() }],
                ..Problem::default()
            },
        );
    }

    #[test]
    fn html_says_nothing() {
        reads_nothing(b"<!doctype html><title>502 Bad Gateway</title>");
    }

    #[test]
    fn an_empty_body_says_nothing() {
        reads_nothing(b"");
    }

    #[test]
    fn json_of_another_shape_says_nothing() {
        for body in ["{}", "[]", "null", "7", r#""text""#, r#"{"message":1}"#] {
            reads_nothing(body.as_bytes());
        }
    }

    #[test]
    fn invalid_utf8_and_deep_nesting_say_nothing() {
        reads_nothing(b"{\"title\":\"\xFF\"}");
        reads_nothing("[".repeat(200_000).as_bytes());
    }

    #[test]
    fn an_echoed_secret_is_struck_out() {
        let body = br#"{"title":"abc-123","detail":"Bearer abc-123 refused","errors":["abc-123",{"field":"abc-123"}]}"#;
        let problem = Problem::read(body, &["abc-123".to_owned()]).unwrap();
        assert!(!format!("{problem:?}").contains("abc-123"));
        assert_eq!(problem.detail.as_deref(), Some("Bearer [token] refused"));
    }

    #[test]
    fn the_longer_of_two_secrets_is_struck_out_whole_and_a_short_one_not_at_all() {
        let secrets = ["abc-123", "abc-123-456", "a"].map(str::to_owned);
        assert_eq!(strike_out("abc-123-456 and abc-123", &secrets), "[token] and [token]");
    }

    #[test]
    fn a_piece_of_a_secret_is_struck_out_from_six_characters_on() {
        let secrets = ["0123456789abcdef".to_owned()];
        let clean = |text: &str| strike_out(text, &secrets);
        assert_eq!(clean("token 01234… is no token"), "token 01234… is no token");
        assert_eq!(clean("token 012345… and …abcdef, é456789é"), "token [token]… and …[token], é[token]é");
        assert_eq!(clean("0123456789abcdef0123456789"), "[token][token]");
    }

    #[test]
    fn an_empty_text_hides_no_other() {
        reads(
            r#"{"title":"","error":"invalid_token","detail":"","errorMessage":"expired"}"#,
            Problem {
                title: Some("invalid_token".to_owned()),
                detail: Some("expired".to_owned()),
                ..Problem::default()
            },
        );
    }

    #[test]
    fn the_summary_is_one_short_line() {
        let problem = Problem {
            detail: Some("two\r\nlines.".to_owned()),
            title: Some("T".to_owned()),
            ..Problem::default()
        };
        assert_eq!(problem.summary().as_deref(), Some("two  lines"));
        let problem = Problem { title: Some("é".repeat(500)), ..Problem::default() };
        assert_eq!(problem.summary().map(|line| line.chars().count()), Some(SUMMARY_LENGTH));
        assert_eq!(Problem { detail: Some(" \n".to_owned()), ..Problem::default() }.summary(), None);
    }

    #[test]
    fn the_summary_names_the_first_single_fault() {
        let body =
            br#"{"title":"Bad","detail":"1 fault.","errors":[{"code":"E"},{"message":"aid is unknown."}]}"#;
        let problem = Problem::read(body, &[]).unwrap();
        assert_eq!(problem.summary().as_deref(), Some("1 fault: aid is unknown"));
    }
}
