import * as v from "valibot";

import { schema } from "./model.mjs";
import plain from "./plain.mjs";

const Usage = schema({
  text: v.string(),
  int: v.pipe(v.number(), v.safeInteger()),
  flag: v.boolean(),
  list: v.array,
  object: (fields) =>
    v.looseObject(Object.fromEntries(fields.map(([name, type, required]) => [name, required ? type : v.optional(type)]))),
});

export default async (fetch) => v.parse(Usage, await plain(fetch));
