// The code that openapi-generator's typescript-fetch generates for the model: a function for each type, which copies the known
// fields and checks none. Names of fields are kept, and dates stay strings.
import { schema } from "./model.mjs";
import plain from "./plain.mjs";

const functions = [];
const same = (value) => value;

// Each schema makes the expression that converts a value.
const convert = schema({
  text: same,
  int: same,
  flag: same,
  list: (items) => (value) => `${value}.map((item) => ${items("item")})`,
  object(fields) {
    const name = `fromJson${functions.length}`;
    const copies = fields.map(([field, convert, required]) => {
      const value = `json["${field}"]`;
      return required ? `${field}: ${value}` : `${field}: ${value} == null ? undefined : ${convert(value)}`;
    });
    functions.push(`function ${name}(json) { return json == null ? json : { ${copies.join(", ")} }; }`);
    return (value) => `${name}(${value})`;
  },
});

const usageFromJson = new Function(`${functions.join("\n")}\nreturn (json) => ${convert("json")};`)();

export default async (fetch) => usageFromJson(await plain(fetch));
