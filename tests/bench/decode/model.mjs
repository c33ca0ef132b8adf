import { EXAMPLE } from "../data.mjs";

/**
 * Makes the schema of the whole response for a library: its `string`, `number` and `boolean` are schemas, `list` makes one from
 * the schema of the items, and `object` from the fields, each `[name, schema, required]`. Only the `href` of a link is required.
 */
export function schema(library, example = EXAMPLE) {
  if (Array.isArray(example)) return library.list(schema(library, example[0]));
  if (typeof example !== "object") return library[typeof example];
  return library.object(Object.entries(example).map(([name, field]) => [name, schema(library, field), name === "href"]));
}
