use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;

use super::*;

/// Reads a text of one value. An error comes with the position where the reader stopped.
fn passes(text: &str) -> Result<(), (JsonError, usize)> {
    pass(Reader::new(text))
}

fn pass(mut reader: Reader<'_>) -> Result<(), (JsonError, usize)> {
    reader.skip().map_err(|error| {
        let kinds = [JsonError::Syntax, JsonError::Depth, JsonError::Values];
        let kind = kinds.into_iter().find(|kind| reader.error(*kind).expected() == error.expected());
        (kind.unwrap(), reader.position)
    })?;
    reader.end().map_err(|_| (JsonError::Syntax, reader.position))
}

#[track_caller]
fn is_no_json_at(text: &str, at: usize) {
    assert_eq!(passes(text), Err((JsonError::Syntax, at)), "{text:?}");
}

/// What a number is, where the text is one and nothing else.
fn read(text: &str) -> Result<Number, JsonError> {
    let mut reader = Reader::new(text);
    let number = reader.number()?;
    reader.end().map_err(|_| JsonError::Syntax)?;
    Ok(number)
}

#[track_caller]
fn is_integer(text: &str, integer: i64) {
    assert_eq!(read(text), Ok(Number::Integer(integer)), "{text}");
}

#[track_caller]
fn is_large(text: &str) {
    assert_eq!(read(text), Ok(Number::Large), "{text}");
}

#[track_caller]
fn is_fraction(text: &str) {
    assert_eq!(read(text), Ok(Number::Fraction), "{text}");
}

#[test]
fn each_kind_of_value_is_passed_with_the_white_space_around_it() {
    for value in ["null", "true", "false", "0", "-1.5e+3", "\"\"", "\"é\\n\"", "[]", "{}", "[[ ], { }]"] {
        assert_eq!(passes(value), Ok(()), "{value}");
        assert_eq!(passes(&format!(" \t\r\n{value}\n\r\t ")), Ok(()), "{value}");
    }
    assert_eq!(passes("{ \"a\" : [ 1 , { } , \"]\" ] , \"a\" : null }"), Ok(()));
}

#[test]
fn what_is_no_json_is_refused_where_it_goes_wrong() {
    for (text, at) in [
        ("", 0),
        (" ", 1),
        ("nul", 3),
        ("nulL", 3),
        ("nullx", 4),
        ("True", 0),
        ("1 2", 2),
        ("\0", 0),
        ("null\0", 4),
        // White space elsewhere, not in JSON.
        ("\u{b}1", 0),
        ("\u{a0}1", 0),
        ("[1,]", 3),
        ("[1 2]", 3),
        ("[,1]", 1),
        ("[1}", 2),
        ("[", 1),
        ("[1", 2),
        ("]", 0),
        ("{\"a\"}", 4),
        ("{\"a\":}", 5),
        ("{\"a\":1,}", 7),
        ("{\"a\":1;}", 6),
        ("{a:1}", 1),
        ("{1:1}", 1),
        ("{,}", 1),
        ("{\"a\":1]", 6),
        ("{\"a", 3),
        ("\"", 1),
        ("\"abcdefgh", 9),
        ("\"\\", 2),
        ("\"\\\"", 3),
        ("\"\\x\"", 2),
        ("\"\\U0041\"", 2),
        ("\"\\u00g0\"", 5),
        ("\"\\u004\"", 6),
        ("\"\\u+041\"", 3),
    ] {
        is_no_json_at(text, at);
    }
}

#[test]
fn a_byte_is_refused_in_a_string_just_where_json_has_none() {
    // Each at each place of the words of eight bytes that are looked at in one, and behind the last.
    for byte in 0..=0x7F_u8 {
        for at in 0..20 {
            for around in ["a", "\u{1F}", "\u{7F}", "é", "!", "]", "[", "#"] {
                let mut inner: Vec<String> = vec![around.to_owned(); 20];
                inner[at] = char::from(byte).to_string();
                let text = format!("\"{}\"", inner.concat());
                let is_json = serde_json::from_str::<String>(&text).is_ok();
                assert_eq!(passes(&text).is_ok(), is_json, "{text:?}");
            }
        }
    }
}

#[test]
fn a_string_comes_with_its_quotes_and_escapes() {
    let mut reader = Reader::new(r#"  "a\"\\é\u0041","#);
    assert_eq!(reader.peek(), b'"');
    assert_eq!(reader.string(), Ok(r#""a\"\\é\u0041""#));
    assert_eq!(reader.peek(), b',');
}

#[test]
fn a_name_comes_without_its_colon() {
    let mut reader = Reader::new("\"a\" :1");
    assert_eq!(reader.name(), Ok("\"a\""));
    assert_eq!(reader.number(), Ok(Number::Integer(1)));
    assert_eq!(Reader::new("\"a\"").name(), Err(JsonError::Syntax));
    assert_eq!(Reader::new("a\":1").name(), Err(JsonError::Syntax));
}

#[test]
fn a_member_is_passed_only_if_it_is_this_one() {
    for other in ["\"test\":1", "\"testIdx\":1", "\"testId\" :1", "\"testId\"", "\"TestId\":1", ""] {
        let mut reader = Reader::new(other);
        assert!(!reader.skip_name("\"testId\":"), "{other}");
        assert_eq!(reader.position, 0, "{other}");
    }
    let mut reader = Reader::new(" \n\"testId\":1");
    assert!(reader.skip_name("\"testId\":"));
    assert_eq!(reader.number(), Ok(Number::Integer(1)));
    let mut reader = Reader::new("\"testId\":");
    assert!(reader.skip_name("\"testId\":"));
    assert_eq!(reader.peek(), 0);
}

#[test]
fn objects_and_arrays_are_read_member_by_member_and_what_is_left_unread_is_skipped() {
    let mut reader = Reader::new("[{}, {\"a\": 1, \"b\" : [2] }, [ ], 3] ");
    let mut read = Vec::new();
    let result = reader.array(&mut |reader, index| {
        if index == 1 {
            reader.object(&mut |reader, name| {
                read.push(name);
                if name == "\"a\"" { reader.integer().map(drop) } else { Ok(()) }
            })?;
        }
        Ok(())
    });
    assert_eq!((result, reader.end(), read), (Ok(()), Ok(()), vec!["\"a\"", "\"b\""]));
    assert_eq!((reader.depth, reader.values), (0, 8));
}

#[test]
fn a_value_of_another_type_is_a_mismatch_that_names_its_kind() {
    for (text, found) in [
        ("null", "null"),
        ("true", BOOLEAN),
        ("\"a\"", STRING),
        ("-1", "a number"),
        ("[]", ARRAY),
        ("{}", OBJECT),
    ] {
        for (expected, error) in [
            (OBJECT, Reader::new(text).object(&mut |_, _| Ok(())).err()),
            (ARRAY, Reader::new(text).array(&mut |_, _| Ok(())).err()),
            (STRING, Reader::new(text).string().err()),
            (INTEGER, Reader::new(text).integer().err().filter(|_| found != "a number")),
        ] {
            assert_eq!(
                error,
                (expected != found && !(expected == INTEGER && found == "a number"))
                    .then(|| DecodeError::mismatch(expected, found)),
                "{text}"
            );
        }
    }
}

#[test]
fn nesting_of_128_is_passed_and_deeper_is_refused() {
    let nested = |depth: usize| "[{\"a\":".repeat(depth / 2) + &"[".repeat(depth % 2);
    let closed = |depth: usize| nested(depth) + &"]".repeat(depth % 2);
    let text = |depth: usize| match depth % 2 {
        0 => nested(depth) + "1" + &"}]".repeat(depth / 2),
        _ => closed(depth) + &"}]".repeat(depth / 2),
    };
    assert_eq!(passes(&text(127)), Ok(()));
    assert_eq!(passes(&text(128)), Ok(()));
    assert!(matches!(passes(&text(129)), Err((JsonError::Depth, _))));
    assert!(matches!(passes(&text(130)), Err((JsonError::Depth, _))));
    assert!(matches!(passes(&"[".repeat(200_000)), Err((JsonError::Depth, 129))));
    // What was left counts no more, empty or not.
    assert_eq!(passes(&format!("[{}[]]", "[],{},[1],{\"a\":1},".repeat(200))), Ok(()));
}

#[test]
fn each_value_counts_and_no_name_does() {
    for (text, values) in [
        ("7", 1),
        ("\"a\"", 1),
        ("null", 1),
        ("[]", 1),
        ("{}", 1),
        ("[1, true, \"a\"]", 4),
        ("{\"a\": 1.5, \"b\": [{}]}", 4),
    ] {
        let after = |values: usize| pass(Reader { values, ..Reader::new(text) }).map_err(|(error, _)| error);
        assert_eq!(after(MAX_VALUES - values), Ok(()), "{text}");
        assert_eq!(after(MAX_VALUES - values + 1), Err(JsonError::Values), "{text}");
    }
}

#[test]
fn an_integer_may_be_written_in_many_ways() {
    for (text, integer) in [
        ("0", 0),
        ("-0", 0),
        ("0.0", 0),
        ("-0.000e5", 0),
        ("0e999999999999999999999", 0),
        ("0e-999999999999999999999", 0),
        ("7", 7),
        ("-7", -7),
        ("10e-1", 1),
        ("-10E-1", -1),
        ("1e3", 1_000),
        ("1E+3", 1_000),
        ("1.5e1", 15),
        ("0.001e3", 1),
        ("-0.0120e4", -120),
        ("1.0", 1),
        ("120.00", 120),
        ("999999999999999", 999_999_999_999_999),
        ("-999999999999999", -999_999_999_999_999),
        ("1000000000000000", 1_000_000_000_000_000),
        ("1e15", 1_000_000_000_000_000),
        ("4.32e9", 4_320_000_000),
    ] {
        is_integer(text, integer);
    }
}

#[test]
fn integers_are_told_from_larger_ones_at_2_pow_53() {
    for (text, integer) in [
        ("9007199254740991", 9_007_199_254_740_991),
        ("9007199254740991.0", 9_007_199_254_740_991),
        ("9007199254740991.000e0", 9_007_199_254_740_991),
        ("9.007199254740991e15", 9_007_199_254_740_991),
        ("0.0009007199254740991e19", 9_007_199_254_740_991),
        ("90071992547409910e-1", 9_007_199_254_740_991),
        ("9007199254740991000000e-6", 9_007_199_254_740_991),
        ("9007199254740990", 9_007_199_254_740_990),
        ("900719925474099e1", 9_007_199_254_740_990),
    ] {
        is_integer(text, integer);
        is_integer(&format!("-{text}"), -integer);
    }
    for text in [
        "9007199254740992",
        "9007199254740992.0",
        "9.007199254740992e15",
        "0.0009007199254740992e19",
        "90071992547409920e-1",
        "9007199254740993",
        "10000000000000000",
        "1e16",
        "9999999999999999",
        "99999999999999990",
        "9007199254740991e1",
        "9223372036854775808",
        "18446744073709551616",
        "18446744073709551617",
        "9999999999999999999",
        "99999999999999999999",
        "1e300",
    ] {
        is_large(text);
        is_large(&format!("-{text}"));
    }
}

#[test]
fn a_fraction_is_one_by_its_digits_however_small() {
    for text in [
        "0.5",
        "1.5",
        "1e-3",
        "10e-2",
        "123e-3",
        "9007199254740990.5",
        "9007199254740992.5",
        "1.0000000000000000000000000000000001",
        "100000000000000000000000000000.5",
        "0.99999999999999999999999999",
        "1e-400",
        "1e-999999999999999999999",
        "0.01e-9223372036854775808",
    ] {
        is_fraction(text);
        is_fraction(&format!("-{text}"));
    }
}

#[test]
fn a_number_of_400_digits_is_one_by_all_of_them() {
    let (zeros, threes) = ("0".repeat(400), "3".repeat(400));
    is_integer(&format!("7{zeros}e-400"), 7);
    is_integer(&format!("7.{zeros}"), 7);
    is_integer(&format!("0.{zeros}7e401"), 7);
    is_fraction(&format!("7{zeros}e-401"));
    is_fraction(&format!("7.{zeros}1"));
    is_fraction(&format!("7.{threes}"));
    is_fraction(&format!("0.{threes}"));
    is_fraction(&format!("{threes}e-399"));
    is_fraction(&format!("{threes}e-100"));
    is_large(&format!("{}{zeros}e-400", "3".repeat(300)));
    is_large(&"3".repeat(309).replacen('3', "1", 1));
    assert_eq!(read(&threes), Err(JsonError::Syntax));
}

#[test]
fn a_number_too_large_for_javascript_is_refused_where_it_begins() {
    for text in [
        "1e309",
        "1e400",
        "-1e400",
        "1.7976931348623159e308",
        "1.79769313486231580794e308",
        "-17976931348623159e292",
        "0.0017976931348623159e311",
        "1e999999999999999999999",
        "0.0000001e999999999999999999999",
        "10e9223372036854775807",
    ] {
        is_no_json_at(text, 0);
        is_no_json_at(&format!("[{text}]"), 1);
    }
    for text in ["1.7976931348623157e308", "17976931348623157e292", "1e308", "9.99e307", "0.01e310"] {
        is_large(text);
        is_large(&format!("-{text}"));
    }
}

#[test]
fn what_is_no_number_is_refused_where_it_goes_wrong() {
    for (text, at) in [
        ("-", 1),
        ("+1", 0),
        (".5", 0),
        ("-a", 1),
        ("--1", 1),
        ("01", 1),
        ("00", 1),
        ("-01", 2),
        ("01.5", 1),
        ("1.", 2),
        ("1.e5", 2),
        ("1e", 2),
        ("1e+", 3),
        ("1E-", 3),
        ("1e5.0", 3),
        ("1.5.0", 3),
        ("1e+-5", 3),
        ("0x10", 1),
        ("1_000", 1),
        ("1000000000000000.", 17),
        ("Infinity", 0),
        ("NaN", 0),
    ] {
        is_no_json_at(text, at);
    }
}

#[test]
fn two_texts_are_the_same_only_if_each_byte_is() {
    for length in 0..40 {
        let one = vec![b'a'; length];
        assert!(is_same(&one, &one.clone()), "{length}");
        assert!(!is_same(&one, &[&one[..], b"a"].concat()), "{length}");
        assert!(!is_same(&[&one[..], b"a"].concat(), &one), "{length}");
        for at in 0..length {
            let mut other = one.clone();
            other[at] = b'b';
            assert!(!is_same(&one, &other) && !is_same(&other, &one), "{at} of {length}");
        }
    }
}

#[test]
fn each_escape_becomes_its_character() {
    for (quoted, text) in [
        (r#""""#, ""),
        (r#""plain é""#, "plain é"),
        (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
        (r#""\u0061id""#, "aid"),
        (r#""a\u0069d""#, "aid"),
        (r#""\u00E9\u00e9\u0000""#, "éé\0"),
        (r#""\uFFFF\ud7ff\ue000""#, "\u{FFFF}\u{D7FF}\u{E000}"),
        (r#""\ud83d\ude00!""#, "\u{1F600}!"),
        (r#""\ud800\udc00\uDBFF\uDFFF""#, "\u{10000}\u{10FFFF}"),
        (r#""\\u0061\\\u0061""#, "\\u0061\\a"),
    ] {
        assert_eq!(unescape(quoted), text, "{quoted}");
    }
}

#[test]
fn half_a_surrogate_pair_becomes_a_replacement_character() {
    for (quoted, text) in [
        (r#""\ud83d""#, "\u{FFFD}"),
        (r#""\ude00a""#, "\u{FFFD}a"),
        (r#""\ud83d\nde00""#, "\u{FFFD}\nde00"),
        (r#""\ud83d\u0061""#, "\u{FFFD}a"),
        (r#""\ud83d\ue000""#, "\u{FFFD}\u{E000}"),
        (r#""\ud83dude00""#, "\u{FFFD}ude00"),
        (r#""\ude00\ude00""#, "\u{FFFD}\u{FFFD}"),
        (r#""\ud83d\ud83d\ude00\ud83d!""#, "\u{FFFD}\u{1F600}\u{FFFD}!"),
    ] {
        assert_eq!(unescape(quoted), text, "{quoted}");
    }
}

/// A text's tokens, some of which may be none.
fn tokens() -> impl Strategy<Value = Vec<&'static str>> {
    let scalar = select(vec![
        "null",
        "true",
        "false",
        "0",
        "-7",
        "1.5e3",
        "12345678901234567890",
        "1e308",
        r#""""#,
        r#""abcdefghijklm""#,
        r#""é\u00e9\n\"""#,
    ]);
    let json = scalar.prop_map(|token| vec![token]).prop_recursive(5, 40, 5, |inner| {
        let joined = |[open, between, close]: [&'static str; 3], elements: Vec<Vec<&'static str>>| {
            let mut tokens = vec![open];
            for (at, element) in elements.into_iter().enumerate() {
                tokens.extend((at > 0).then_some(","));
                tokens.extend((!between.is_empty()).then_some(["\"name\"", between]).into_iter().flatten());
                tokens.extend(element);
            }
            tokens.push(close);
            tokens
        };
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(move |elements| joined(["[", "", "]"], elements)),
            vec(inner, 0..5).prop_map(move |elements| joined(["{", ":", "}"], elements)),
        ]
    });
    let stray = select(vec![
        "", " ", "\n\t\r ", ",", ":", "[", "]", "{", "}", "\"", "\\", "n", "null", "0", "1", "-", "+", ".",
        "e", "E5", "\"a\"", "\"a\":", "\"\\x\"", "\"\n\"", "\u{7f}", "é", "\0", "\u{FEFF}", "/**/",
    ]);
    (json, vec((any::<Index>(), any::<bool>(), stray), 0..4)).prop_map(|(mut tokens, changes)| {
        for (at, is_more, token) in changes {
            let at = at.index(tokens.len());
            if is_more { tokens.insert(at, token) } else { tokens[at] = token }
        }
        tokens
    })
}

/// A string with its quotes, written in any way.
fn quoted() -> impl Strategy<Value = String> {
    let code = prop_oneof![
        any::<char>(),
        proptest::char::range('\0', '\u{ff}'),
        select(vec!['"', '\\', '/', '\u{8}', '\u{c}', '\n', '\r', '\t', 'u', '\u{10000}', '\u{10FFFF}'])
    ];
    vec((code, 0..4_u8), 0..24).prop_map(|chars| {
        let written = chars.into_iter().map(|(char, way)| match (char, way) {
            (char, 0) => {
                let quoted = serde_json::to_string(&char).unwrap();
                quoted[1..quoted.len() - 1].to_owned()
            }
            ('/', 1) => "\\/".to_owned(),
            (char, 1 | 2) => {
                let mut units = [0; 2];
                let units = char.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04X}"));
                units.collect::<Vec<_>>().concat()
            }
            ('"' | '\\' | '\0'..' ', _) => format!("\\u{:04x}", u32::from(char)),
            (char, _) => char.to_string(),
        });
        format!("\"{}\"", written.collect::<String>())
    })
}

/// A positive integer of any size that a `u64` holds, often one that is nearly too large for JavaScript.
fn size() -> impl Strategy<Value = u64> {
    prop_oneof![
        1..=20_u64,
        1..=u64::MAX,
        1..=2 * MAX_SAFE_INTEGER,
        MAX_SAFE_INTEGER - 20..=MAX_SAFE_INTEGER + 20,
        select((0..20).map(|power| 10_u64.pow(power)).collect::<Vec<_>>()),
    ]
}

proptest! {
    #[test]
    fn the_reader_accepts_just_what_serde_json_reads(tokens in tokens()) {
        for text in [tokens.concat(), tokens.join(" ")] {
            let is_json = serde_json::from_str::<Value>(&text).is_ok();
            prop_assert_eq!(passes(&text).is_ok(), is_json, "{:?}", text);
        }
    }

    #[test]
    fn a_string_is_passed_and_becomes_what_serde_json_makes_of_it(quoted in quoted()) {
        prop_assert_eq!(Reader::new(&quoted).string(), Ok(quoted.as_str()));
        prop_assert_eq!(unescape(&quoted), serde_json::from_str::<String>(&quoted).unwrap());
    }

    #[test]
    fn an_integer_is_the_same_wherever_its_point_stands(
        size in size(),
        is_negative: bool,
        zeros in 0..30_usize,
        point in 0..60_usize,
        rest in prop::option::of(0..30_usize),
    ) {
        let length = size.to_string().len();
        // A digit far behind makes a fraction of it.
        let rest_digits = rest.map_or_else(String::new, |more| "0".repeat(more) + "1");
        let digits = format!("{size}{}{rest_digits}", "0".repeat(zeros));
        let (mantissa, shift) = match point.checked_sub(5) {
            None => (format!("0.{}{digits}", "0".repeat(point)), -i64::try_from(point).unwrap()),
            Some(point) => match digits.split_at(digits.len().min(point + 1)) {
                (whole, "") => (whole.to_owned(), i64::try_from(whole.len()).unwrap()),
                (whole, rest) => (format!("{whole}.{rest}"), i64::try_from(whole.len()).unwrap()),
            },
        };
        let exponent = i64::try_from(length).unwrap() - shift;
        let text = format!("{}{mantissa}e{exponent}", if is_negative { "-" } else { "" });
        let integer = i64::try_from(size).ok().filter(|_| size <= MAX_SAFE_INTEGER);
        let expected = match integer {
            _ if rest.is_some() => Number::Fraction,
            Some(integer) => Number::Integer(if is_negative { -integer } else { integer }),
            None => Number::Large,
        };
        prop_assert_eq!(read(&text), Ok(expected), "{}", text);
    }
}
