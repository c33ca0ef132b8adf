// The decoder compared with JSON.parse: both accept the same bodies, and make the same values of them.
import { assert, createApi, deepEqual } from "./assert.js";

const reject = () => {
  throw new Error("rejected");
};

/** Whether the digits of a number are an integer. As a float, some fractions are rounded to one. */
function isInteger(number) {
  const [, digits, fraction = "", exponent = 0] = /^-?(\d+)(?:\.(\d+))?(?:e(.+))?$/i.exec(number);
  const significant = (digits + fraction).replace(/0+$/, "");
  return /^0*$/.test(significant) || significant.length <= digits.length + Number(exponent);
}

/** Replaces each fraction of a text by a string. */
const withoutFractions = (text) =>
  text.replace(/"(\\.|[^"\\])*"|-?\d[-+.\deE]*/g, (token) => (token[0] === '"' || isInteger(token) ? token : '"a fraction"'));

/** Rejects a text over the limits, also in a value that a later one of the same name replaces. */
function checkLimits(text) {
  const bare = text.replace(/"(\\.|[^"\\])*"/g, "");
  if (bare.match(/-?\d[-+.\deE]*/g)?.some((number) => !Number.isFinite(Number(number)))) reject();
  let depth = 0;
  for (const mark of bare.match(/[[\]{}]/g) ?? []) if ((depth += "[{".includes(mark) ? 1 : -1) > 128) reject();
}

/** The value as a usage. The model has each field with a value of its type. `exact` is the value without fractions. */
function conform(value, model, exact) {
  if (typeof model === "number") return Number.isSafeInteger(value) && typeof exact === "number" ? value + 0 : reject();
  if (typeof model !== "object") return typeof value === typeof model ? value : reject();
  if (Object(value) !== value || Array.isArray(value) !== Array.isArray(model)) reject();
  if (Array.isArray(model)) return value.map((element, at) => conform(element, model[0], exact[at]));
  const known = (name) => Object.hasOwn(model, name);
  const fields = Object.entries(value).filter(([name, value]) => value !== null || !known(name));
  if (known("href") && !fields.some(([name]) => name === "href")) reject();
  const conformed = ([name, value]) => [name, known(name) ? conform(value, model[name], exact[name]) : value];
  return Object.fromEntries(fields.map(conformed));
}

/** The usage of a body. Undefined if it should be rejected. */
function oracle(body, model) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    const value = JSON.parse(text);
    checkLimits(text);
    return conform(value, model, JSON.parse(withoutFractions(text)));
  } catch {
    return undefined;
  }
}

/** Compares the decoder with the oracle. `assertSeen` asserts that neither outcome is rare. */
function createComparison(exports, fixture) {
  const { getUsage } = createApi(exports);
  const model = JSON.parse(fixture);
  const count = { accepted: 0, rejected: 0 };
  return {
    async assertSame(body) {
      const expected = oracle(body, model);
      // The least that counts as a response, because there are thousands.
      const response = { status: 200, headers: { get: () => "text/json" }, arrayBuffer: () => body.buffer };
      const found = await getUsage(null, null, { timeout: Infinity, fetch: () => response }).catch(({ code }) => code);
      count[expected === undefined ? "rejected" : "accepted"] += 1;
      const isSame = expected === undefined ? found === "decode" : deepEqual(found, expected);
      assert(isSame, `${new TextDecoder().decode(body)}\nbecame ${JSON.stringify(found)}\nand not ${JSON.stringify(expected)}`);
    },
    assertSeen: (least) => assert(count.accepted >= least && count.rejected >= least, JSON.stringify(count)),
  };
}

/** A piece is inserted at the mark: as a known field of each type, an unknown one, a name, or a part of a string or number. */
const PLACES = String.raw`
  ^ ^{} {}^ {^} {"usage":^} {"usage":{"cloudUnitsUsed":^}} {"usage":{"tests":^}} {"usage":{"tests":[^]}}
  {"usage":{"tests":[{"aid":"^"}]}} {"usage":{"tests":[{"aid":^,"cloudUnitsUsed":1,"testName":"a"}]}}
  {"_links":{"self":{"href":"","templated":^}}} {"_links":{"self":{"href":^}}}
  {"new":^} {"new":"^"} {"new":[^,1]} {"new":1^} {"new":1.^} {"new":1e^} {"new":^,"new":1} {"usage":7,"usage":^}
  {"new":"\^"} {"new":"\ud83d^"} {"new":"^\ude00"} {"^":7} {"usage":{"^":"7"}}
`;

/** Values and parts of values, valid and invalid. */
const PIECES = String.raw`
    null true false tru truee True nul [] {} [null] [[]] [{}] [{},null] [1,] [,1] {"a":1,} {"a"} {"a":} {a:1} {1:1} {null:1}
    7 -7 0 00 01 - -0 -0.0 0.0 0e0 -0e-9 1. .5 +1 1.0 1.5 0.1 1e 1e+ 1e3 1E+3 1e-3 10e-1 0x10 1_000 1n --1 1.1.1 1e1e1
    1e400 -1e400 1e-400 0e400 0.0e400 1e99999999999999999999 0e99999999999999999999 1e-99999999999999999999
    1.7976931348623157e308 1.7976931348623158e308 1.7976931348623159e308 5e-324 2e-324 2.2250738585072011e-308
    9007199254740991 9007199254740992 9007199254740993 -9007199254740991 -9007199254740992 9007199254740991.0
    9007199254740990.6 9007199254740991.2 9007199254740991.5 9007199254740992.5 9007199254740993e0 90071992547409910e-1
    9.007199254740991e15 9.007199254740993e15 9223372036854775807 9223372036854775808 -9223372036854775808
    -9223372036854775809 18446744073709551615 18446744073709551616 0.30000000000000004 0.0036637845002571437
    1.00000000000000000001 4503599627370496.5 NaN Infinity -Infinity undefined 'a' ${'`a`'} a # //a /*a*/
    , ,, : [ ] { } " "" "a" "a "7" "null" "__proto__" __proto__ constructor toString length href aid cloudUnitsUsed
    {"__proto__":{"a":1}} {"__proto__":null} {"__proto__":1,"__proto__":2} {"a":1,"a":2} {"a":1,"\u0061":2} {"2":1,"1":2}
    {"href":null} {"href":7} {"href":""} {"href":7,"href":""} {"href":"","href":null} {"h\u0072ef":""} {"HREF":""}
    {"cloudUnitsUsed":null} {"cloudUnitsUsed":1e0} {"cloudUnitsUsed":"1"} {"tests":[{"aid":7}]} {"self":{}} {"":1}
    \ \\ \" \/ \b \f \n \r \t \a \v \0 \x41 \' \u \u0 \u00 \u000 \u0000 \u0041 \u00e9 \U0041 \u+041 \u00g0 \u{41}
    \ud800 \uD800 \udbff \udc00 \udfff \ufffd \uffff \ud83d \ude00 \ud83d\ude00 \ude00\ud83d \ud83d\ud83d\ude00
    \ud83d\ude00\ude00 \ud83dx\ude00 \ud83d\n\ude00 \ud83d\\ude00 \\ud83d\ude00 \ud83d\ude0 \ud83d\u0041 \ud83d\
    "\ud800" {"\ud800":1} {"\ud800":1,"\udfff":2} {"\ufffd":1,"\ud800":2} é 😀 "😀"
`;

/** White space, characters that look like it, and controls. */
const SPACES = "\0\u0001\b\t\n\v\f\r\u001f \u007f\u0085\u00a0\u00ad\u1680\u180e\u2003\u200b\u2028\u2029\u202e\u3000"
  + "\ufeff\ufffd\uffff\u{10ffff}";

/** Byte sequences that are not UTF-8, in hex. */
const NOT_UTF8 = "80 c080 c3 c328 e282 e080af eda080 eda0bdedb880 efbb f09f98 f0808080 f4908080 f888808080 ff fffe7b007d00";

const words = (text) => text.trim().split(/\s+/);

/** The fields that a mutation adds, without their values: known ones of each type, and others. */
const NAMES = String.raw`usage tests quota aid cloudUnitsUsed allocations used _links self href templated new 7 __proto__ \ud800`;
const MEMBERS = words(NAMES).map((name) => `"${name}":`);
const encoder = new TextEncoder();

function pieces() {
  const zeros = "0".repeat(400);
  const long = [
    "9".repeat(308), "9".repeat(309), `1${zeros}`, `1${zeros}e-400`, `0.${zeros}1e401`, `0.${zeros}e401`,
    `7.${zeros}`, `7.${zeros}1`,
    `9007199254740991.4${"9".repeat(400)}`, `9007199254740991.5${zeros}1`, `2.4703282292062327208${zeros}1e-324`,
    "\\ud800".repeat(100), "[".repeat(1_000),
  ];
  const nested = (open, depth, close) => open.repeat(depth) + "7" + close.repeat(depth);
  const deep = [124, 125, 126, 127, 128, 129].flatMap((depth) => [nested("[", depth, "]"), nested('{"a":', depth, "}")]);
  const bytes = words(NOT_UTF8).map((hex) => Uint8Array.from(hex.match(/../g), (byte) => parseInt(byte, 16)));
  return [...[...words(PIECES), ...SPACES, ...long, ...deep].map((text) => encoder.encode(text)), ...bytes];
}

const concat = (parts) => Uint8Array.from(parts.flatMap((part) => [...part]));

export async function a_piece_of_json_is_decoded_anywhere_as_json_parse_and_the_model_have_it(exports, fixture) {
  const comparison = createComparison(exports, fixture);
  for (const place of words(PLACES)) {
    const [before, after] = place.split("^").map((text) => encoder.encode(text));
    for (const piece of pieces()) await comparison.assertSame(concat([before, piece, after]));
  }
  comparison.assertSeen(1_000);
}

/** A generator whose numbers are the same in each run: xorshift. */
function createRandom(state) {
  const below = (count) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % count;
  };
  return { below, of: (all) => all[below(all.length)] };
}

/** Deletes, doubles, moves or replaces some tokens, flips a bit, or adds a field. */
function mutate(tokens, pieces, { below, of }) {
  const start = below(tokens.length + 1);
  const length = below(6);
  const place = below(tokens.length + 1);
  const brace = tokens.findIndex((token, at) => at >= place && token.length === 1 && token[0] === 0x7b);
  switch (below(6)) {
    case 0: return tokens.splice(start, length);
    case 1: return tokens.splice(place, 0, ...tokens.slice(start, start + length));
    case 2: return tokens.splice(place, 0, ...tokens.splice(start, length));
    case 3: return tokens.splice(start, length, of(pieces));
    case 4: return tokens[place] && (tokens[place] = tokens[place].map((byte, at) => (at ? byte : byte ^ (1 << below(8)))));
    default: return brace >= 0 && tokens.splice(brace + 1, 0, encoder.encode(of(MEMBERS)), of(pieces), encoder.encode(","));
  }
}

export async function a_mutated_body_is_decoded_as_json_parse_and_the_model_have_it(exports, fixture) {
  const comparison = createComparison(exports, fixture);
  const random = createRandom(1);
  const all = pieces();
  const rows = '{"usage":{"tests":[{"aid":"1","new":[1,"b"]}]},"_links":{"self":{"href":""}}}';
  const seeds = [JSON.stringify(JSON.parse(fixture)), rows, "{}"];
  for (let count = 0; count < 1_500; count += 1) {
    const tokens = random.of(seeds).match(/[{}[\],:" ]|[^{}[\],:" ]+/g).map((token) => encoder.encode(token));
    for (let edits = random.below(2); edits >= 0; edits -= 1) mutate(tokens, all, random);
    await comparison.assertSame(concat(tokens));
  }
  comparison.assertSeen(200);
}
