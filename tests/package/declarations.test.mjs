// The declarations of the packed package, compared with its exports and results. TypeDoc checks that each has its docs.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { publint } from "publint";
import ts from "typescript-5";

import { HEADERS } from "./api.mjs";
import { createConsumer } from "./consumer.mjs";

const run = promisify(execFile);
const fixture = (name) => readFile(new URL(`../fixtures/${name}`, import.meta.url), "utf8");
const npmPackages = (path) => fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url));

const NAME = "thousandeyes-usage";

const consumer = await createConsumer();
const installed = join(consumer.folder, "node_modules", NAME);
const tarball = join(consumer.folder, (await readdir(consumer.folder)).find((name) => name.endsWith(".tgz")));
const [te, inline] = await Promise.all([consumer.load("node.js"), consumer.load("inline.js")]);

after(() => consumer.remove());

const registry = ts.createDocumentRegistry();

/** Opens a module of the consumer, like an editor. */
function open(source) {
  const file = join(consumer.folder, "module.mts");
  const read = (name) => (name === file ? source : ts.sys.readFile(name));
  const service = ts.createLanguageService({
    ...ts.sys,
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
    readFile: read,
    fileExists: (name) => name === file || ts.sys.fileExists(name),
    getCompilationSettings: () => ({
      strict: true,
      exactOptionalPropertyTypes: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      types: ["node"],
      typeRoots: [npmPackages("@types")],
    }),
    getCurrentDirectory: () => consumer.folder,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    getScriptFileNames: () => [file],
    // The registry keeps a file while its version is the same.
    getScriptVersion: (name) => (name === file ? source : ""),
    getScriptSnapshot: (name) => (read(name) === undefined ? undefined : ts.ScriptSnapshot.fromString(read(name))),
  }, registry);
  return { file, service, program: service.getProgram() };
}

/** The compiler's errors in a module. */
function errors(source) {
  const { file, service } = open(source);
  return [...service.getSyntacticDiagnostics(file), ...service.getSemanticDiagnostics(file)]
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

/** The exports of an entry, each with its symbol. */
function declarations(entry = NAME) {
  const { file, program } = open(`import * as entry from "${entry}";`);
  const checker = program.getTypeChecker();
  const [statement] = program.getSourceFile(file).statements;
  const resolve = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(statement.moduleSpecifier));
  return { checker, symbols: new Map(exported.map((symbol) => [symbol.name, resolve(symbol)])) };
}

test("publint finds no error, warning or suggestion", async () => {
  const { messages } = await publint({ strict: true, pack: { tarball: await readFile(tarball) } });
  assert.deepEqual(messages, []);
});

test("each entry has its types in each mode of resolution", async () => {
  const attw = run(npmPackages(".bin/attw"), [tarball, "--format", "json"]);
  const { analysis } = JSON.parse((await attw.catch((error) => error)).stdout);
  assert.deepEqual(analysis.problems, []);
  const { exports } = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
  assert.deepEqual(Object.keys(analysis.entrypoints), Object.keys(exports));
  for (const { resolutions } of Object.values(analysis.entrypoints)) {
    assert.deepEqual(Object.keys(resolutions), ["node10", "node16-cjs", "node16-esm", "bundler"]);
  }
});

test("no declaration shows wasm-bindgen", async () => {
  const files = (await readdir(installed, { recursive: true })).filter((name) => /\.d\.[cm]?ts$/.test(name));
  assert.ok(files.length > 0);
  for (const file of files) {
    const text = await readFile(join(installed, file), "utf8");
    const internal = /bindgen|__wb|_bg\b|Init(Input|Output)|initSync|JsValue|\bfree\(|\bptr\b/i.exec(text);
    assert.equal(internal?.[0], undefined, file);
  }
});

test("the package exports the values that are declared", () => {
  const required = createRequire(join(consumer.folder, "/"))(NAME);
  for (const [entry, module] of [[NAME, te], [NAME, required], [`${NAME}/inline`, inline]]) {
    const { symbols } = declarations(entry);
    const values = [...symbols].filter(([, symbol]) => symbol.flags & ts.SymbolFlags.Value).map(([name]) => name);
    assert.deepEqual(Object.keys(module).sort(), values.sort());
  }
});

test("an editor completes expand with its values", () => {
  const { checker, symbols } = declarations();
  const values = checker.getDeclaredTypeOfSymbol(symbols.get("Expand")).types.map(({ value }) => value);
  for (const call of ['getUsage("2067", ["', 'getUsage(null, ["test", "', 'new UsageClient().getUsage("2067", ["']) {
    const source = `import { getUsage, UsageClient } from "${NAME}";\n${call}`;
    const { file, service } = open(source);
    const { entries } = service.getCompletionsAtPosition(file, source.length, {});
    assert.deepEqual(entries.map(({ name }) => name).sort(), values.sort(), call);
  }
});

test("the main exports have examples, and each example compiles", () => {
  const { checker, symbols } = declarations();
  const names = [...symbols.keys()].join(", ");
  const withExample = new Set();
  const checkExamples = (name, symbol) => {
    for (const { name: tag, text } of symbol.getJsDocTags(checker)) {
      if (tag !== "example") continue;
      withExample.add(name);
      const example = ts.displayPartsToString(text);
      assert.deepEqual(errors(`import { ${names} } from "${NAME}";\n${example}`), [], `${name}:\n${example}`);
    }
  };
  for (const [name, symbol] of symbols) {
    checkExamples(name, symbol);
    const members = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol));
    for (const member of members) checkExamples(`${name}.${member.name}`, member);
  }
  const functions = [
    "configure", "getUsage", "getUsageWithResponse", "getTestUnits", "getEnterpriseAgentUnits", "getQuotas", "summarize",
    "byAccountGroup", "topTests", "compareUnits", "init",
  ];
  const others = ["UsageClient", "UsageError", "Rows", "Expand", "ClientOptions", "ClientOptions.token", "CallOptions.signal"];
  for (const name of [...functions, ...others]) assert.ok(withExample.has(name), name);
});

test("the responses with every field have the declared fields with their types, and no others", async () => {
  const breakdown = async (name) => JSON.stringify(JSON.parse(await fixture(name)).breakdowns[0]);
  const values = {
    Usage: await fixture("usage.json"),
    UnitsByTests: await breakdown("test-units.json"),
    EnterpriseAgentUnits: await breakdown("enterprise-agent-units.json"),
  };
  for (const [type, value] of Object.entries(values)) {
    const full = `
      import type { ${type} } from "${NAME}";
      type Full<T> = T extends (infer E)[] ? Full<E>[] : T extends object ? { [K in keyof T]-?: Full<T[K]> } : T;
      export const value: Full<${type}> = ${value};
      export const parsed: ${type} = value;
    `;
    assert.deepEqual(errors(full), [], type);
  }
});

test("responses, attempts and errors have the fields that are declared, and no others", async () => {
  const { checker, symbols } = declarations();
  const declared = (name) => checker.getDeclaredTypeOfSymbol(symbols.get(name));
  const names = (name) => checker.getPropertiesOfType(declared(name)).map((property) => property.name);
  const assertFields = (value, name) => assert.deepEqual(Object.keys(value).sort(), names(name).sort(), name);

  const respond = (body, status = 200) => async () =>
    new Response(body, { status, headers: { ...HEADERS, "content-type": "application/json" } });
  const response = await te.getUsageWithResponse(null, null, { fetch: respond("{}") });
  assertFields(response, "UsageResponse");
  assertFields(response.rateLimit, "RateLimit");
  const { value: page } = await te.getTestUnits(null, { fetch: respond("{}") }).pages().next();
  assertFields(page, "Page");

  const busy = async () => new Response(null, { status: 503, headers: { "retry-after": "0" } });
  const attempts = [];
  await assert.rejects(te.getUsage(null, null, { fetch: busy, onAttempt: (attempt) => attempts.push(attempt) }));
  assertFields(attempts[0], "Attempt");

  const problem = await fixture("problem.json");
  const status = (status) => ({ fetch: respond(problem, status) });
  const calls = {
    ArgumentError: { timeout: 0 },
    TokenError: { token: "" },
    ConnectionError: { fetch: () => Promise.reject(Object.assign(new Error("reset"), { code: "ECONNRESET" })), timeout: 100 },
    TimeoutError: { fetch: () => new Promise(() => {}), timeout: 10 },
    AbortError: { signal: AbortSignal.abort() },
    BadRequestError: status(400),
    UnauthorizedError: status(401),
    ForbiddenError: status(403),
    NotFoundError: status(404),
    RateLimitError: status(429),
    ServerError: status(503),
    UnexpectedResponseError: status(408),
    DecodeError: { fetch: respond("no JSON") },
  };
  assert.deepEqual(Object.keys(calls).sort(), declared("UsageError").types.map(({ symbol }) => symbol.name).sort());
  for (const [name, options] of Object.entries(calls)) {
    const error = await te.getUsage(null, null, options).catch((error) => error);
    for (const field of ["name", "code"]) {
      const type = checker.getTypeOfSymbol(checker.getPropertyOfType(declared(name), field));
      assert.equal(error[field], type.value, name);
    }
    const undeclared = Object.getOwnPropertyNames(error).filter((field) => !names(name).includes(field));
    const missing = names(name).filter((field) => field !== "cause" && !(field in error));
    assert.deepEqual({ undeclared, missing }, { undeclared: [], missing: [] }, name);
    if ("problem" in error) {
      assertFields(error.problem, "Problem");
      assertFields(error.problem.errors[0], "ProblemError");
    }
  }
});
