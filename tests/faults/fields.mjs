// Each field of the model null, missing and of a wrong type. The fixture has them all.

/** What an error says should be where the model has an integer. */
export const INTEGER = "an integer within ±(2^53 − 1)";

const KINDS = {
  string: "a string",
  number: INTEGER,
  boolean: "a boolean",
  array: "an array",
  object: "an object",
};
const WRONG = { string: 7, number: "7", boolean: "true", array: {}, object: [] };
const FOUND = { string: "a number", number: "a string", boolean: "a string", array: "an object", object: "an array" };

const kind = (value) => (Array.isArray(value) ? "array" : typeof value);

/** The keys that lead to each field, of an array's elements to those of the last. */
function* paths(value, path = []) {
  for (const [key, inner] of Array.isArray(value) ? [[value.length - 1, value.at(-1)]] : Object.entries(value)) {
    if (!Array.isArray(value)) yield [...path, key];
    if (inner && typeof inner === "object") yield* paths(inner, [...path, key]);
  }
}

const write = (path) =>
  path
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`))
    .join("")
    .slice(1);

/** The fixture with one field changed. */
function change(usage, path, act) {
  const copy = structuredClone(usage);
  const holder = path.slice(0, -1).reduce((value, key) => value[key], copy);
  act(holder, path.at(-1));
  return copy;
}

const remove = (holder, key) => delete holder[key];
const set = (value) => (holder, key) => (holder[key] = value);

export function fieldRows(usage) {
  const known = [...paths(usage)];
  const required = known.filter((path) => path.at(-1) === "href");
  const optional = known.filter((path) => path.at(-1) !== "href");
  const cases = (paths, act, outcome) =>
    Object.fromEntries(
      paths.map((path) => [
        write(path),
        { answer: { body: JSON.stringify(change(usage, path, act(path))) }, outcome: outcome(path) },
      ]),
    );
  const at = (path) => path.reduce((value, key) => value[key], usage);
  const without = (path) => ({ data: change(usage, path, remove) });
  const mismatch = (found) => (path) => ({ path: write(path), expected: KINDS[kind(at(path))], found: found(path) });
  const decode = { code: "decode", retryable: false };
  return [
    { fault: "a known field missing: it is absent", cases: cases(optional, () => remove, without), outcome: {} },
    { fault: "a known field `null`: it is absent", cases: cases(optional, () => set(null), without), outcome: {} },
    {
      fault: "a known field of a wrong type",
      cases: cases(
        known,
        (path) => set(WRONG[kind(at(path))]),
        mismatch((path) => FOUND[kind(at(path))]),
      ),
      outcome: decode,
    },
    {
      fault: "`href` missing",
      cases: cases(
        required,
        () => remove,
        mismatch(() => "nothing"),
      ),
      outcome: decode,
    },
    {
      fault: "`href` is `null`",
      cases: cases(
        required,
        () => set(null),
        mismatch(() => "nothing"),
      ),
      outcome: decode,
    },
  ];
}
