import { z } from "zod";

import { schema } from "./model.mjs";
import plain from "./plain.mjs";

const Usage = schema({
  text: z.string(),
  int: z.int(),
  flag: z.boolean(),
  list: z.array,
  object: (fields) =>
    z.looseObject(Object.fromEntries(fields.map(([name, type, required]) => [name, required ? type : type.optional()]))),
});

export default async (fetch) => Usage.parse(await plain(fetch));
