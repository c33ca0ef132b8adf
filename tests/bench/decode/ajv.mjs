import { Ajv } from "ajv";

import { schema } from "./model.mjs";
import plain from "./plain.mjs";

const isUsage = new Ajv().compile(
  schema({
    text: { type: "string" },
    int: { type: "integer", minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
    flag: { type: "boolean" },
    list: (items) => ({ type: "array", items }),
    object: (fields) => ({
      type: "object",
      properties: Object.fromEntries(fields),
      required: fields.filter(([, , required]) => required).map(([name]) => name),
    }),
  }),
);

export default async (fetch) => {
  const body = await plain(fetch);
  if (!isUsage(body)) throw new Error(JSON.stringify(isUsage.errors));
  return body;
};
