import { z } from "zod";

import { schema } from "./model.mjs";
import plain from "./plain.mjs";

const Usage = schema({
  string: z.string(),
  number: z.int(),
  boolean: z.boolean(),
  list: z.array,
  object: (fields) =>
    z.looseObject(Object.fromEntries(fields.map(([name, type, required]) => [name, required ? type : type.optional()]))),
});

export default async (fetch) => Usage.parse(await plain(fetch));
