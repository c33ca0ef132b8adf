// Rows for each field of the model: absent, null, and of a wrong type. The fixture has them all.

/** What an error expects of an integer. */
export const INTEGER = "an integer within ±(2^53 − 1)";

/** By type of the field: what an error expects, a value of another type, and what an error found then. */
const TYPES = {
  string: ["a string", 7, "a number"],
  number: [INTEGER, "7", "a string"],
  boolean: ["a boolean", "true", "a string"],
  array: ["an array", {}, "an object"],
  object: ["an object", [], "an array"],
};

/** The keys that lead to each field; of an array, to those of its last element. */
function* paths(value, path = []) {
  for (const [key, inner] of Array.isArray(value) ? [[value.length - 1, value.at(-1)]] : Object.entries(value)) {
    if (!Array.isArray(value)) yield [...path, key];
    if (inner && typeof inner === "object") yield* paths(inner, [...path, key]);
  }
}

const format = (path) => path.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`)).join("").slice(1);

/** The fixture with another value of one field, or without it. */
function withField(usage, path, value) {
  const copy = structuredClone(usage);
  const parent = path.slice(0, -1).reduce((value, key) => value[key], copy);
  if (value === undefined) delete parent[path.at(-1)];
  else parent[path.at(-1)] = value;
  return copy;
}

export function fieldRows(usage) {
  const all = [...paths(usage)];
  const isRequired = (path) => path.at(-1) === "href";
  const optional = all.filter((path) => !isRequired(path));
  const typeOf = (path) => {
    const value = path.reduce((value, key) => value[key], usage);
    return TYPES[Array.isArray(value) ? "array" : typeof value];
  };
  const row = (fault, paths, value, outcome) => ({
    fault,
    cases: Object.fromEntries(
      paths.map((path) => [format(path), { response: { body: JSON.stringify(withField(usage, path, value(path))) }, outcome: outcome(path) }]),
    ),
    outcome: {},
  });
  const absent = (path) => ({ data: withField(usage, path) });
  const mismatch = (found) => (path) => ({ code: "decode", retryable: false, path: format(path), expected: typeOf(path)[0], found: found(path) });
  const missing = mismatch(() => "absent");
  return [
    row("a known field missing: it is absent", optional, () => undefined, absent),
    row("a known field `null`: it is absent", optional, () => null, absent),
    row("a known field of a wrong type", all, (path) => typeOf(path)[1], mismatch((path) => typeOf(path)[2])),
    row("`href` missing", all.filter(isRequired), () => undefined, missing),
    row("`href` is `null`", all.filter(isRequired), () => null, missing),
  ];
}
