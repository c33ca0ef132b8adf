// Gives the imports and exports in wasm-bindgen's glue the short names that wasm-opt gave them in the module.

import { parse } from "acorn";
import { simple } from "acorn-walk";
import MagicString from "magic-string";

/** The module that has the functions of the glue itself, as wasm-bindgen calls it. */
const GLUE = "./usage_bg.js";

/** `names` has what `wasm-opt --minify-imports-and-exports-and-modules` prints. To wasm-opt all imports are of module "a". */
export function rename(glue, { imports, exports }) {
  const exported = new Map(exports);
  const imported = new Map(imports.filter(([module]) => module === GLUE).map(([, name, short]) => [name, short]));
  const tree = parse(glue, { ecmaVersion: "latest", sourceType: "module" });
  const edited = new MagicString(glue);

  const namespaces = tree.body.filter(({ specifiers }) => specifiers?.[0]?.type === "ImportNamespaceSpecifier");
  const namespaceOf = new Map(namespaces.map(({ source, specifiers }) => [source.value, specifiers[0].local.name]));
  const others = imports
    .filter(([module]) => module !== GLUE)
    .map(([module, name, short]) => `"${short}": ${namespaceOf.get(module)}.${name}`);

  simple(tree, {
    MemberExpression({ object, property }) {
      if (object.name === "wasm" && exported.has(property.name)) edited.update(property.start, property.end, exported.get(property.name));
    },
    Property({ key }) {
      if (imported.has(key.name)) edited.update(key.start, key.end, JSON.stringify(imported.get(key.name)));
    },
    FunctionDeclaration({ id, body }) {
      if (id.name !== "__wbg_get_imports") return;
      const { argument } = body.body.at(-1);
      edited.update(argument.start, argument.end, `{ a: { ${["...import0", ...others].join(", ")} } }`);
    },
  });
  const functions = tree.body.flatMap(({ type, declaration }) => (type === "ExportNamedDeclaration" && declaration ? declaration.id.name : []));
  return { code: edited.toString(), functions };
}
