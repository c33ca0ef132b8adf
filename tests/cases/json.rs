//! The decoder beside the host's own `JSON.parse`: what each accepts, and what it makes of it.

use js_sys::{Function, Uint8Array};
use thousandeyes_usage::get_usage;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{EVERY_FIELD, begin, js, text};

/// The options of a call that is answered with a body, by as little as will do: there are thousands.
const OPTIONS: &str = r#"(body) => ({
  timeout: Infinity,
  fetch: () => ({ status: 200, headers: { get: () => "text/json" }, arrayBuffer: () => body.buffer }),
})"#;

/// What a body should become, or undefined where it should be refused: `JSON.parse`, our limits, and the model, of which
/// the fixture holds each field with a value of its type.
const ORACLE: &str = r#"(body, fixture) => {
  const refuse = () => { throw new Error("refused"); };

  // Each number outside of strings that is whole by its digits: a float would have rounded some to one.
  const isWhole = (number) => {
    const [, digits, fraction = "", exponent = 0] = /^-?(\d+)(?:\.(\d+))?(?:e(.+))?$/i.exec(number);
    const significant = (digits + fraction).replace(/0+$/, "");
    return /^0*$/.test(significant) || significant.length <= digits.length + Number(exponent);
  };
  const withoutFractions = (text) => text.replace(/"(\\.|[^"\\])*"|-?\d[-+.\deE]*/g, (it) => it[0] === '"' || isWhole(it) ? it : '"a fraction"');

  // In the text, since a value that a later one of its name replaces counts too.
  const limit = (text) => {
    const bare = text.replace(/"(\\.|[^"\\])*"/g, "");
    if (bare.match(/-?\d[-+.\deE]*/g)?.some((number) => !Number.isFinite(Number(number)))) refuse();
    let depth = 0;
    for (const mark of bare.match(/[[\]{}]/g) ?? []) {
      depth += "[{".includes(mark) ? 1 : -1;
      if (depth > 128) refuse();
    }
  };

  const modelled = (value, model, whole) => {
    if (typeof model === "number") return Number.isSafeInteger(value) && typeof whole === "number" ? value + 0 : refuse();
    if (typeof model !== "object") return typeof value === typeof model ? value : refuse();
    if (Object(value) !== value || Array.isArray(value) !== Array.isArray(model)) refuse();
    if (Array.isArray(model)) return value.map((element, at) => modelled(element, model[0], whole[at]));
    const known = (name) => Object.hasOwn(model, name);
    const fields = Object.entries(value).filter(([name, value]) => value !== null || !known(name));
    if (known("href") && !fields.some(([name]) => name === "href")) refuse();
    return Object.fromEntries(fields.map(([name, value]) => [name, known(name) ? modelled(value, model[name], whole[name]) : value]));
  };

  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    const value = JSON.parse(text);
    limit(text);
    return modelled(value, JSON.parse(fixture), JSON.parse(withoutFractions(text)));
  } catch {}
}"#;

/// Where a piece is put, between the two texts: as a known field of each kind, an unknown one, a name, a part of a
/// string, of white space, of nothing.
const PLACES: &[(&str, &str)] = &[
    ("", ""),
    ("", "{}"),
    ("{}", ""),
    ("{", "}"),
    (r#"{"usage":"#, "}"),
    (r#"{"usage":{"cloudUnitsUsed":"#, "}}"),
    (r#"{"usage":{"tests":"#, "}}"),
    (r#"{"usage":{"tests":["#, "]}}"),
    (r#"{"usage":{"tests":[{"aid":""#, r#""}]}}"#),
    (r#"{"_links":{"self":{"href":"","templated":"#, "}}}"),
    (r#"{"_links":{"self":{"href":"#, "}}}"),
    (r#"{"new":"#, "}"),
    (r#"{"new":""#, r#""}"#),
    (r#"{"new":["#, ",1]}"),
    (r#"{"new":1"#, "}"),
    (r#"{"new":1."#, "}"),
    (r#"{"new":1e"#, "}"),
    (r#"{"new":"#, r#","new":1}"#),
    (r#"{"usage":7,"usage":"#, "}"),
    (r#"{"new":"\"#, r#""}"#),
    (r#"{"new":"\ud83d"#, r#""}"#),
    (r#"{"new":""#, r#"\ude00"}"#),
    (r#"{""#, r#"":7}"#),
    (r#"{"usage":{""#, r#"":"7"}}"#),
];

/// Values and parts of them, right and wrong.
const PIECES: &str = r#"
    null true false tru truee True nul [] {} [null] [[]] [{}] [{},null] [1,] [,1] {"a":1,} {"a"} {"a":} {a:1} {1:1} {null:1}
    7 -7 0 00 01 - -0 -0.0 0.0 0e0 -0e-9 1. .5 +1 1.0 1.5 0.1 1e 1e+ 1e3 1E+3 1e-3 10e-1 0x10 1_000 1n --1 1.1.1 1e1e1
    1e400 -1e400 1e-400 0e400 0.0e400 1e99999999999999999999 0e99999999999999999999 1e-99999999999999999999
    1.7976931348623157e308 1.7976931348623158e308 1.7976931348623159e308 5e-324 2e-324 2.2250738585072011e-308
    9007199254740991 9007199254740992 9007199254740993 -9007199254740991 -9007199254740992 9007199254740991.0
    9007199254740990.6 9007199254740991.2 9007199254740991.5 9007199254740992.5 9007199254740993e0 90071992547409910e-1
    9.007199254740991e15 9.007199254740993e15 9223372036854775807 9223372036854775808 -9223372036854775808
    -9223372036854775809 18446744073709551615 18446744073709551616 0.30000000000000004 0.0036637845002571437
    1.00000000000000000001 4503599627370496.5 NaN Infinity -Infinity undefined 'a' `a` a # //a /*a*/
    , ,, : [ ] { } " "" "a" "a "7" "null" "__proto__" __proto__ constructor toString length href aid cloudUnitsUsed
    {"__proto__":{"a":1}} {"__proto__":null} {"__proto__":1,"__proto__":2} {"a":1,"a":2} {"a":1,"\u0061":2} {"2":1,"1":2}
    {"href":null} {"href":7} {"href":""} {"href":7,"href":""} {"href":"","href":null} {"h\u0072ef":""} {"HREF":""}
    {"cloudUnitsUsed":null} {"cloudUnitsUsed":1e0} {"cloudUnitsUsed":"1"} {"tests":[{"aid":7}]} {"self":{}} {"":1}
    \ \\ \" \/ \b \f \n \r \t \a \v \0 \x41 \' \u \u0 \u00 \u000 \u0000 \u0041 \u00e9 \U0041 \u+041 \u00g0 \u{41}
    \ud800 \uD800 \udbff \udc00 \udfff \ufffd \uffff \ud83d \ude00 \ud83d\ude00 \ude00\ud83d \ud83d\ud83d\ude00
    \ud83d\ude00\ude00 \ud83dx\ude00 \ud83d\n\ude00 \ud83d\\ude00 \\ud83d\ude00 \ud83d\ude0 \ud83d\u0041 \ud83d\
    "\ud800" {"\ud800":1} {"\ud800":1,"\udfff":2} {"\ufffd":1,"\ud800":2} é 😀 "😀"
"#;

/// White space, what looks like some, and controls.
const SPACES: &str = "\0\u{1}\u{8}\t\n\u{b}\u{c}\r\u{1f} \u{7f}\u{85}\u{a0}\u{ad}\u{1680}\u{180e}\u{2003}\u{200b}\u{2028}\u{2029}\
                      \u{202e}\u{3000}\u{feff}\u{fffd}\u{ffff}\u{10ffff}";

const NO_UTF8: &[&[u8]] = &[
    b"\x80",
    b"\xc0\x80",
    b"\xc3",
    b"\xc3\x28",
    b"\xe2\x82",
    b"\xe0\x80\xaf",
    b"\xed\xa0\x80",
    b"\xed\xa0\xbd\xed\xb8\x80",
    b"\xef\xbb",
    b"\xf0\x9f\x98",
    b"\xf0\x80\x80\x80",
    b"\xf4\x90\x80\x80",
    b"\xf8\x88\x80\x80\x80",
    b"\xff",
    b"\xff\xfe{\0}\0",
];

/// Names of fields that a mutation adds: of each kind of the model's, and others.
const NAMES: &str = r"usage tests quota aid cloudUnitsUsed allocations used _links self href templated new 7 __proto__ \ud800";

fn pieces() -> Vec<Vec<u8>> {
    let nested = |open: &str, depth, close: &str| open.repeat(depth) + "7" + &close.repeat(depth);
    let zeros = "0".repeat(400);
    let long = [
        "9".repeat(308),
        "9".repeat(309),
        format!("1{zeros}"),
        format!("1{zeros}e-400"),
        format!("0.{zeros}1e401"),
        format!("0.{zeros}e401"),
        format!("7.{zeros}"),
        format!("7.{zeros}1"),
        format!("9007199254740991.4{}", "9".repeat(400)),
        format!("9007199254740991.5{zeros}1"),
        format!("2.4703282292062327208{zeros}1e-324"),
        "\\ud800".repeat(100),
        "[".repeat(1_000),
    ];
    let deep = (124..=129).flat_map(|depth| [nested("[", depth, "]"), nested(r#"{"a":"#, depth, "}")]);
    let texts = PIECES.split_ascii_whitespace().map(str::to_owned).chain(SPACES.chars().map(String::from));
    let texts = texts.chain(long).chain(deep).map(String::into_bytes);
    texts.chain(NO_UTF8.iter().map(|bytes| bytes.to_vec())).collect()
}

/// The decoder, in a call, beside the oracle.
struct Comparison {
    options: Function,
    oracle: Function,
    deep_equal: Function,
    accepted: usize,
    refused: usize,
}

impl Comparison {
    fn new() -> Self {
        let function = |code| js(code).unchecked_into();
        Self {
            options: function(OPTIONS),
            oracle: function(ORACLE),
            deep_equal: function("te.deepEqual"),
            accepted: 0,
            refused: 0,
        }
    }

    async fn agrees(&mut self, body: &[u8]) {
        let none = JsValue::UNDEFINED;
        let bytes = Uint8Array::from(body);
        let expected = self.oracle.call2(&none, &bytes, &EVERY_FIELD.into()).unwrap();
        let options = self.options.call1(&none, &bytes).unwrap();
        let (options, call) = begin(&options);
        let found = get_usage(none.clone(), none.clone(), options, call).await;
        let agrees = match &found {
            Ok(value) => {
                self.accepted += 1;
                !expected.is_undefined()
                    && self.deep_equal.call2(&none, value, &expected).unwrap().is_truthy()
            }
            Err(error) => {
                self.refused += 1;
                expected.is_undefined() && text(error, "code") == "decode"
            }
        };
        assert!(agrees, "{}\nbecame {found:?}\nand not {expected:?}", body.escape_ascii());
    }

    /// Neither outcome is rare: what all the bodies lead to would show little.
    fn has_seen_both(&self, least: usize) {
        assert!(self.accepted >= least && self.refused >= least, "{} and {}", self.accepted, self.refused);
    }
}

/// A generator whose numbers are the same on each run: xorshift.
struct Random(usize);

impl Random {
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 % count
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// The marks of JSON, and what stands between two of them.
fn tokens(json: &str) -> Vec<Vec<u8>> {
    let json: String = json.lines().map(str::trim).collect();
    let is_mark = |byte: &u8| b"{}[],:\" ".contains(byte);
    json.as_bytes().chunk_by(|a, b| !is_mark(a) && !is_mark(b)).map(<[u8]>::to_vec).collect()
}

/// Deletes, doubles, moves or replaces some tokens, spoils a byte, or adds a field.
fn mutate(body: &mut Vec<Vec<u8>>, pieces: &[Vec<u8>], random: &mut Random) {
    let start = random.below(body.len() + 1);
    let end = body.len().min(start + random.below(6));
    let place = random.below(body.len() + 1);
    match random.below(6) {
        0 => drop(body.drain(start..end)),
        1 => {
            let span = body[start..end].to_vec();
            body.splice(place..place, span);
        }
        2 => {
            let span: Vec<_> = body.drain(start..end).collect();
            let place = place.min(body.len());
            body.splice(place..place, span);
        }
        3 => drop(body.splice(start..end, [random.of(pieces).clone()])),
        4 => {
            if let Some(byte) = body.get_mut(place).and_then(|token| token.first_mut()) {
                *byte ^= 1 << random.below(8);
            }
        }
        _ => {
            if let Some(brace) = body.iter().skip(place).position(|token| token == b"{") {
                let names: Vec<_> = NAMES.split(' ').collect();
                let (name, value) = (random.of(&names), random.of(pieces));
                let field = [format!("\"{name}\":").as_bytes(), value, b","].concat();
                body.insert(place + brace + 1, field);
            }
        }
    }
}

#[wasm_bindgen_test]
async fn a_piece_of_json_is_taken_anywhere_as_json_parse_and_the_model_take_it() {
    let mut comparison = Comparison::new();
    for piece in pieces() {
        for (before, after) in PLACES {
            comparison.agrees(&[before.as_bytes(), &piece, after.as_bytes()].concat()).await;
        }
    }
    comparison.has_seen_both(1_000);
}

#[wasm_bindgen_test]
async fn a_mutated_body_is_taken_as_json_parse_and_the_model_take_it() {
    let mut comparison = Comparison::new();
    let (pieces, mut random) = (pieces(), Random(1));
    let seeds = [
        EVERY_FIELD,
        r#"{"usage":{"tests":[{"aid":"1","new":[1,"b"]}]},"_links":{"self":{"href":""}}}"#,
        "{}",
    ]
    .map(tokens);
    for _ in 0..1_500 {
        let mut body = random.of(&seeds).clone();
        for _ in 0..=random.below(2) {
            mutate(&mut body, &pieces, &mut random);
        }
        comparison.agrees(&body.concat()).await;
    }
    comparison.has_seen_both(200);
}
