import { type } from "arktype";

import { schema } from "./model.mjs";
import plain from "./plain.mjs";

const Usage = schema({
  text: type.string,
  int: type("number.integer & number.safe"),
  flag: type.boolean,
  list: (items) => items.array(),
  object: (fields) => type(Object.fromEntries(fields.map(([name, type, required]) => [required ? name : `${name}?`, type]))),
});

export default async (fetch) => Usage.assert(await plain(fetch));
