use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// Skips the only value of a text. An error comes with the position where the reader stopped.
fn skip(mut reader: Reader<'_>) -> Result<(), (JsonError, usize)> {
    reader.skip().map_err(|error| {
        let mut kinds = [JsonError::Syntax, JsonError::Depth, JsonError::Values].into_iter();
        let kind = kinds.find(|kind| reader.error(*kind).expected() == error.expected());
        (kind.unwrap(), reader.position)
    })?;
    reader.end().map_err(|_| (JsonError::Syntax, reader.position))
}

#[track_caller]
fn assert_json(text: &str) {
    assert_eq!(skip(Reader::new(text)), Ok(()), "{text:?}");
}

/// Asserts that a text is not JSON at the position that `^` marks.
#[track_caller]
fn assert_not_json(marked: &str) {
    let text = marked.replacen('^', "", 1);
    assert_eq!(skip(Reader::new(&text)), Err((JsonError::Syntax, marked.find('^').unwrap())), "{text:?}");
}

#[track_caller]
fn assert_number(text: &str, expected: Number) {
    let mut reader = Reader::new(text);
    assert_eq!((reader.number(), reader.end()), (Ok(expected), Ok(())), "{text}");
}

/// Asserts the same of each number of a list, and of its negative.
#[track_caller]
fn assert_numbers(list: &str, expected: Number) {
    let negative = match expected {
        Number::Integer(integer) => Number::Integer(-integer),
        other => other,
    };
    for text in list.split_whitespace() {
        assert_number(text, expected);
        assert_number(&format!("-{text}"), negative);
    }
}

#[test]
fn each_kind_of_value_is_json_with_white_space_around_it() {
    for value in ["null", "true", "false", "0", "-1.5e+3", "\"\"", "\"é\\n\"", "[]", "{}", "[[ ], { }]"] {
        assert_json(value);
        assert_json(&format!(" \t\r\n{value}\n\r\t "));
    }
    assert_json("{ \"a\" : [ 1 , { } , \"]\" ] , \"a\" : null }");
}

#[test]
fn an_error_has_the_position_of_the_first_wrong_character() {
    for marked in ["^", " ^", "nul^", "nul^L", "null^x", "^True", "1 ^2", "^\0", "null^\0"] {
        assert_not_json(marked);
    }
    // White space elsewhere, not in JSON.
    for marked in ["^\u{b}1", "^\u{a0}1"] {
        assert_not_json(marked);
    }
    for marked in ["[1,^]", "[1 ^2]", "[^,1]", "[1^}", "[^", "[1^", "^]", "{^,}", "{^a:1}", "{^1:1}"] {
        assert_not_json(marked);
    }
    for marked in [r#"{"a"^}"#, r#"{"a":^}"#, r#"{"a":1,^}"#, r#"{"a":1^;}"#, r#"{"a":1^]"#, r#"{"a^"#] {
        assert_not_json(marked);
    }
    for marked in ["\"^", "\"abcdefgh^", "\"\\^", "\"\\\"^", r#""\^x""#, r#""\^U0041""#, r#""\u00^g0""#, r#""\u^+041""#]
    {
        assert_not_json(marked);
    }
    assert_not_json("\"\\u004^\"");
    let numbers = "-^ ^+1 ^.5 -^a -^-1 0^1 0^0 -0^1 0^1.5 1.^ 1.^e5 1e^ 1e+^ 1E-^ 1e5^.0 1.5^.0 1e+^-5 0^x10 1^_000 \
                   1000000000000000.^ ^Infinity ^NaN";
    for marked in numbers.split(' ') {
        assert_not_json(marked);
    }
}

#[test]
fn a_string_may_have_any_byte_except_quotes_backslashes_and_controls() {
    // At each place of the words of eight bytes that are read at once, and after the last word.
    for byte in 0..=0x7F_u8 {
        for at in 0..20 {
            for around in ["a", "\u{1F}", "\u{7F}", "é", "!", "]", "[", "#"] {
                let mut inner = vec![around.to_owned(); 20];
                inner[at] = char::from(byte).to_string();
                let text = format!("\"{}\"", inner.concat());
                let is_json = serde_json::from_str::<String>(&text).is_ok();
                assert_eq!(skip(Reader::new(&text)).is_ok(), is_json, "{text:?}");
            }
        }
    }
}

#[test]
fn a_string_is_returned_with_its_quotes_and_escapes() {
    let mut reader = Reader::new(r#"  "a\"\\é\u0041","#);
    assert_eq!(reader.peek(), b'"');
    assert_eq!(reader.string(), Ok(r#""a\"\\é\u0041""#));
    assert_eq!(reader.peek(), b',');
}

#[test]
fn a_name_is_returned_without_its_colon() {
    let mut reader = Reader::new("\"a\" :1");
    assert_eq!(reader.name(), Ok("\"a\""));
    assert_eq!(reader.number(), Ok(Number::Integer(1)));
    for text in ["\"a\"", "a\":1"] {
        assert_eq!(Reader::new(text).name(), Err(JsonError::Syntax), "{text}");
    }
}

#[test]
fn skip_name_skips_only_that_name_in_its_usual_form() {
    for other in ["\"test\":1", "\"testIdx\":1", "\"testId\" :1", "\"testId\"", "\"TestId\":1", ""] {
        let mut reader = Reader::new(other);
        assert!(!reader.skip_name("\"testId\":"), "{other}");
        assert_eq!(reader.position, 0, "{other}");
    }
    for (text, next) in [(" \n\"testId\":1", b'1'), ("\"testId\":", 0)] {
        let mut reader = Reader::new(text);
        assert!(reader.skip_name("\"testId\":"));
        assert_eq!(reader.peek(), next);
    }
}

#[test]
fn a_member_or_element_that_is_left_unread_is_skipped() {
    let mut reader = Reader::new("[{}, {\"a\": 1, \"b\" : [2] }, [ ], 3] ");
    let mut names = Vec::new();
    let result = reader.array(&mut |reader, index| {
        if index == 1 {
            reader.object(&mut |reader, name| {
                names.push(name);
                if name == "\"a\"" { reader.integer().map(drop) } else { Ok(()) }
            })?;
        }
        Ok(())
    });
    assert_eq!((result, reader.end(), names), (Ok(()), Ok(()), vec!["\"a\"", "\"b\""]));
    assert_eq!((reader.depth, reader.values), (0, 8));
}

#[test]
fn a_value_of_another_type_is_a_mismatch_that_names_both_types() {
    for (text, found) in
        [("null", "null"), ("true", BOOLEAN), ("\"a\"", STRING), ("-1", "a number"), ("[]", ARRAY), ("{}", OBJECT)]
    {
        for (expected, error) in [
            (OBJECT, Reader::new(text).object(&mut |_, _| Ok(())).err()),
            (ARRAY, Reader::new(text).array(&mut |_, _| Ok(())).err()),
            (STRING, Reader::new(text).string().err()),
            (INTEGER, Reader::new(text).integer().err()),
        ] {
            let is_expected = expected == found || (expected == INTEGER && found == "a number");
            assert_eq!(error, (!is_expected).then(|| DecodeError::mismatch(expected, found)), "{text}");
        }
    }
}

#[test]
fn json_may_be_nested_128_levels_deep() {
    let nested = |depth: usize| "[{\"a\":".repeat(depth / 2) + ["1", "[]"][depth % 2] + &"}]".repeat(depth / 2);
    assert_json(&nested(127));
    assert_json(&nested(128));
    for text in [nested(129), nested(130), "[".repeat(200_000)] {
        assert!(matches!(skip(Reader::new(&text)), Err((JsonError::Depth, _))));
    }
    // Levels that have ended do not count.
    assert_json(&format!("[{}[]]", "[],{},[1],{\"a\":1},".repeat(200)));
}

#[test]
fn each_value_counts_against_the_limit_and_no_name_does() {
    for (count, texts) in
        [(1, &["7", "\"a\"", "null", "[]", "{}"][..]), (4, &["[1, true, \"a\"]", "{\"a\": 1.5, \"b\": [{}]}"])]
    {
        for text in texts {
            let after = |values| skip(Reader { values, ..Reader::new(text) }).map_err(|(error, _)| error);
            assert_eq!(after(MAX_VALUES - count), Ok(()), "{text}");
            assert_eq!(after(MAX_VALUES - count + 1), Err(JsonError::Values), "{text}");
        }
    }
}

#[test]
fn an_integer_may_be_written_in_any_notation() {
    for (integer, list) in [
        (0, "0 0.0 0.000e5 0e999999999999999999999 0e-999999999999999999999"),
        (1, "1.0 10e-1 10E-1 0.001e3"),
        (15, "1.5e1"),
        (120, "120.00 0.0120e4"),
        (1_000, "1e3 1E+3"),
        (4_320_000_000, "4.32e9"),
        (999_999_999_999_999, "999999999999999"),
        (1_000_000_000_000_000, "1000000000000000 1e15"),
        (9_007_199_254_740_990, "9007199254740990 900719925474099e1"),
    ] {
        assert_numbers(list, Number::Integer(integer));
    }
}

#[test]
fn an_integer_is_large_from_2_pow_53_on() {
    let largest = "9007199254740991 9007199254740991.0 9007199254740991.000e0 9.007199254740991e15 90071992547409910e-1 \
                   0.0009007199254740991e19 9007199254740991000000e-6";
    assert_numbers(largest, Number::Integer(9_007_199_254_740_991));
    let large = "9007199254740992 9007199254740992.0 9.007199254740992e15 0.0009007199254740992e19 90071992547409920e-1 \
                 9007199254740993 10000000000000000 1e16 9999999999999999 99999999999999990 9007199254740991e1 \
                 9223372036854775808 18446744073709551616 18446744073709551617 9999999999999999999 99999999999999999999 \
                 1e300 9.99e307 0.01e310 1e308 17976931348623157e292 1.7976931348623157e308";
    assert_numbers(large, Number::Large);
}

#[test]
fn a_fraction_is_recognised_by_its_digits_however_small_it_is() {
    let fractions = "0.5 1.5 1e-3 10e-2 123e-3 9007199254740990.5 9007199254740992.5 1.0000000000000000000000000000000001 \
                     100000000000000000000000000000.5 0.99999999999999999999999999 1e-400 1e-999999999999999999999 \
                     0.01e-9223372036854775808";
    assert_numbers(fractions, Number::Fraction);
}

#[test]
fn all_digits_of_a_number_of_400_digits_count() {
    let (zeros, threes) = ("0".repeat(400), "3".repeat(400));
    assert_numbers(&format!("7{zeros}e-400 7.{zeros} 0.{zeros}7e401"), Number::Integer(7));
    let fractions = format!("7{zeros}e-401 7.{zeros}1 7.{threes} 0.{threes} {threes}e-399 {threes}e-100");
    assert_numbers(&fractions, Number::Fraction);
    assert_numbers(&format!("{}{zeros}e-400 1{}", "3".repeat(300), "3".repeat(308)), Number::Large);
    assert_not_json(&format!("^{threes}"));
}

#[test]
fn a_number_that_a_float_holds_as_infinity_is_not_json() {
    let infinite = "1e309 1e400 -1e400 1.7976931348623159e308 1.79769313486231580794e308 -17976931348623159e292 \
                    0.0017976931348623159e311 1e999999999999999999999 0.0000001e999999999999999999999 \
                    10e9223372036854775807";
    for text in infinite.split_whitespace() {
        assert_not_json(&format!("^{text}"));
        assert_not_json(&format!("[^{text}]"));
    }
}

#[test]
fn two_texts_are_the_same_only_if_each_byte_is() {
    for length in 0..40 {
        let one = vec![b'a'; length];
        assert!(is_same(&one, &one.clone()), "{length}");
        assert!(!is_same(&one, &[&one[..], b"a"].concat()), "{length}");
        for at in 0..length {
            let mut other = one.clone();
            other[at] ^= 1;
            assert!(!is_same(&one, &other) && !is_same(&other, &one), "{at} of {length}");
        }
    }
}

#[test]
fn an_escape_becomes_its_character_and_half_a_surrogate_pair_u_fffd() {
    for (quoted, text) in [
        (r#""""#, ""),
        (r#""plain é""#, "plain é"),
        (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
        (r#""\u0061\u00E9\u00e9\u0000""#, "aéé\0"),
        (r#""\uFFFF\ud7ff\ue000""#, "\u{FFFF}\u{D7FF}\u{E000}"),
        (r#""\ud83d\ude00!\ud800\udc00\uDBFF\uDFFF""#, "\u{1F600}!\u{10000}\u{10FFFF}"),
        (r#""\\u0061\\\u0061""#, "\\u0061\\a"),
        (r#""\ud83d""#, "\u{FFFD}"),
        (r#""\ude00a""#, "\u{FFFD}a"),
        (r#""\ud83d\nde00""#, "\u{FFFD}\nde00"),
        (r#""\ud83d\u0061\ud83d\ue000""#, "\u{FFFD}a\u{FFFD}\u{E000}"),
        (r#""\ud83dude00""#, "\u{FFFD}ude00"),
        (r#""\udc00\udc01""#, "\u{FFFD}\u{FFFD}"),
        (r#""\ud83d\ud83d\ude00\ud83d!""#, "\u{FFFD}\u{1F600}\u{FFFD}!"),
    ] {
        assert_eq!(unescape(quoted), text, "{quoted}");
    }
}

proptest! {
    #[test]
    fn any_string_is_read_and_unescaped(chars in vec(prop_oneof![any::<char>(), proptest::char::range('\0', '\x7F')], 0..20)) {
        let text = String::from_iter(chars);
        let quoted = serde_json::to_string(&text).unwrap();
        prop_assert_eq!(Reader::new(&quoted).string(), Ok(quoted.as_str()));
        prop_assert_eq!(&unescape(&quoted), &text);
        let escaped: Vec<String> = text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
        prop_assert_eq!(unescape(&format!("\"{}\"", escaped.concat())), text);
    }

    #[test]
    fn an_integer_is_the_same_wherever_its_point_stands(
        integer in prop_oneof![1..=20_u64, 1..=u64::MAX, select((0..20).map(|power| 10_u64.pow(power)).collect::<Vec<_>>()),
            MAX_SAFE_INTEGER - 20..=MAX_SAFE_INTEGER + 20],
        zeros in 0..30_usize,
        point in 0..20_usize,
    ) {
        let expected = match i64::try_from(integer) {
            Ok(safe) if integer <= MAX_SAFE_INTEGER => Number::Integer(safe),
            _ => Number::Large,
        };
        let digits = integer.to_string();
        let length = digits.len();
        let (before, after) = digits.split_at(point.min(length - 1) + 1);
        let padding = "0".repeat(zeros);
        assert_numbers(&format!("{digits}{padding}e-{zeros} 0.{padding}{digits}e{}", length + zeros), expected);
        assert_numbers(&format!("{before}.{after}0{padding}e{}", after.len()), expected);
        // One more digit, far behind the point.
        assert_numbers(&format!("{digits}.{padding}1 0.{digits}{padding}1e{length}"), Number::Fraction);
    }
}
