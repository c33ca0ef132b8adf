// docs/ERRORS.md: each message of the package, as a call gives it, with its cause and cure.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { after, test } from "node:test";

import { HEADERS } from "./api.mjs";
import { createConsumer } from "./consumer.mjs";

const ERRORS = new URL("../../docs/ERRORS.md", import.meta.url);

const consumer = await createConsumer();
const te = await consumer.load("node.js");
const { createPackage } = await consumer.load("client.js");
const { toError } = await consumer.load("create-error.js");

after(() => consumer.remove());

const TYPE = { "content-type": "application/json" };
const throws = (value) => () => {
  throw value;
};

/** A call with these options, or with this response. */
const withOptions = (options) => () => te.getUsage(null, null, { maxRetries: 0, fetch: throws(new Error("sent")), ...options });
const withResponse = (body, { headers, ...init } = {}, options) =>
  withOptions({ token: "abc", fetch: async () => new Response(body, { headers: { ...TYPE, ...headers }, ...init }), ...options });

/** A call whose response has a status, and all that an error can read from a response. */
const withStatus = (status, options) => withResponse('{"type":"about:blank"}', { status, headers: HEADERS }, options);

/** Lists with this query, or with pages that have a next link with these cursors. */
const withQuery = (query, name = "getTestUnits") => () => te[name](query, { fetch: throws(new Error("sent")) }).toArray();
const withNext = (cursors, options) => () => {
  const page = () => JSON.stringify({ _links: { next: { href: `?cursor=${cursors.shift()}` } } });
  return te.getTestUnits(null, { fetch: async () => new Response(page(), { headers: TYPE }), ...options }).toArray();
};

const unitsWithStatus = (status, name = "getTestUnits") => () =>
  te[name](null, { token: "abc", fetch: async () => new Response("", { status }) }).toArray();

/** The package with another place of its WebAssembly. */
const withWasm = (source) => createPackage([source]);

/** Acts while a property of an object has another value. */
async function whileReplaced(object, name, value, act) {
  const before = object[name];
  object[name] = value;
  try {
    return await act();
  } finally {
    object[name] = before;
  }
}

const noCode = new TypeError("fetch failed");
const refused = Object.assign(new TypeError("fetch failed"), { cause: { code: "ECONNREFUSED" } });
const banned = () => Promise.reject(new EvalError("blocked"));
const sum = { usage: { tests: Array(2).fill({ aid: "1", cloudUnitsUsed: Number.MAX_SAFE_INTEGER }) } };
const cycle = {};
cycle.cycle = cycle;

/** The rows of each class: cause, cure, and a call that rejects with the message. */
const CLASSES = {
  ArgumentError: ["An argument or option is invalid. Nothing was sent.", [
    ["`aid` is `\"\"`.", "Pass the ID of an account group, or leave it out.", () => te.getUsage("")],
    ["`aid` has a line break or another control character.", "Pass only the ID.", () => te.getUsage("2067\n")],
    ["`aid` is over 65,536 characters.", "Pass only the ID.", () => te.getUsage("1".repeat(2 ** 17))],
    ["`aid` is a number.", "Pass a string.", () => te.getUsage(2067)],
    ["`aid` is another value.", "Check the order of the arguments.", () => te.getUsage(["test"])],
    ["`expand` is not an array.", "Pass an array, or leave it out.", () => te.getUsage(null, "test")],
    ["`expand` has an unknown value.", "Use one of the six values.", () => te.getUsage(null, ["test", "tests"])],
    ["The options are not an object, or are an `AbortSignal`.", "Pass an object, such as `{ signal }`.", () => te.getUsage(null, null, "token")],
    ["A name is not an option's, but similar.", "Correct the name.", withOptions({ timeOut: 1 })],
    ["A name is not an option's.", "Remove it.", withOptions({ cache: "no-store" })],
    ["The name is not one of letters.", "Remove it.", withOptions({ "no-store": true })],
    ["A client or `configure` has a `signal`.", "Pass it to each call.", () => new te.UsageClient({ signal: AbortSignal.abort() }).getUsage()],
    ["A getter of the options threw.", "See the `cause`.", () => te.getUsage(null, null, { get token() { throw new Error("sealed"); } })],
    ["`timeout` is 0, negative or not a number.", "Pass milliseconds.", withOptions({ timeout: 0 })],
    ["`maxRetries` is negative, a fraction or not a number.", "Pass a whole number.", withOptions({ maxRetries: -1 })],
    ["`maxBodyBytes` is below 1 or not a number.", "Pass a number of bytes.", withOptions({ maxBodyBytes: 0 })],
    ["`maxPages` is below 1 or not a whole number.", "Pass a number of pages.", withOptions({ maxPages: 0 })],
    ["`fetch` is not a function.", "Pass a function.", withOptions({ fetch: "fetch" })],
    ["The runtime has no `fetch`.", "Pass one in `fetch`.", () => whileReplaced(globalThis, "fetch", undefined, () => te.getUsage())],
    ["`headers` is a string or another primitive value.", "Pass an object.", withOptions({ headers: "x-own: 1" })],
    ["A header has a line break, or a name with a space.", "Correct the header.", withOptions({ headers: { "x-own": "a\nb" } })],
    ["`signal` is not an `AbortSignal`.", "Pass `controller.signal`, not the controller.", withOptions({ signal: {} })],
    ["`onAttempt` is not a function.", "Pass a function.", withOptions({ onAttempt: 1 })],
    ["`baseUrl` is not a string.", "Pass a string or a `URL`.", withOptions({ baseUrl: 7 })],
    ["`baseUrl` is over 65,536 characters.", "Pass only the URL.", withOptions({ baseUrl: "a".repeat(2 ** 17) })],
    ["`baseUrl` is `\"\"`.", "Leave it out, or pass a URL.", withOptions({ baseUrl: "" })],
    ["`baseUrl` cannot be parsed.", "Pass a URL.", withOptions({ baseUrl: "https://" })],
    ["`baseUrl` is relative, and there is no page, as in Node.", "Pass the scheme and host too.", withOptions({ baseUrl: "/api" })],
    ["`baseUrl` has credentials.", "Pass the token in `token`.", withOptions({ baseUrl: "https://me:secret@api.example" })],
    ["`baseUrl` has a `?` or `#`.", "Remove it.", withOptions({ baseUrl: "https://api.example?aid=1" })],
    ["`baseUrl` is not https.", "Use https. Only this machine, or the page's own origin without a token, may be http.", withOptions({ baseUrl: "http://api.example" })],
    ["The query of tests is not an object, or has another field.", "Correct it.", withQuery({ start: "2026-10-01T00:00:00Z" })],
    ["The query of agents is not an object, or has another field, such as `aid`.", "Correct it.", withQuery({ aid: "2067" }, "getEnterpriseAgentUnits")],
    ["`aid` of a query is not a string.", "Pass a string.", withQuery({ aid: ["2067"] })],
    ["A date has no time or no zone, or is not a `Date`.", "Pass a `Date`, or add time and zone.", withQuery({ startDate: "2026-10-01" })],
    ["The end of the period is before its start.", "Swap them.", withQuery({ startDate: "2026-10-02T00:00:00Z", endDate: "2026-10-01T00:00:00Z" })],
    ["`toArray` has another argument, or `limit` is negative, a fraction or not a number.", "Pass a whole number as `limit`.", () => te.getTestUnits().toArray({ limit: -1 })],
    ["`usage` is a promise.", "Write `summarize(await getUsage())`.", () => te.summarize(Promise.resolve({}))],
    ["`usage` is a list.", "Write `byAccountGroup(await list.toArray())`.", () => te.byAccountGroup(te.getTestUnits())],
    ["`usage` has a cycle or a BigInt.", "Pass what `getUsage` resolves to.", () => te.summarize(cycle)],
    ["`usage` is not a usage, such as `null` or a `Response`.", "Pass what `getUsage` resolves to.", () => te.summarize(Response.json({}))],
    ["`usage` is a part of a usage, or the result of `getUsageWithResponse`.", "Pass the whole usage: for `getUsageWithResponse` its `data`.", () => te.summarize({ data: {} })],
    ["A field of `usage` has a wrong type.", "Pass the usage unchanged.", () => te.summarize({ usage: { cloudUnitsUsed: "7" } })],
    ["A sum is too large to be exact.", "Check the numbers.", () => te.byAccountGroup(sum)],
    ["`before` or `after` is not rows of `getTestUnits`.", "Pass what `toArray()` resolves to.", () => te.compareUnits([], {})],
    ["`at` is not a `Date`, or an invalid one.", "Pass a `Date`.", () => te.summarize({}, new Date(NaN))],
    ["`n` is negative, a fraction or not a number.", "Pass a whole number.", () => te.topTests({}, -1)],
    ["The argument of `init` is `null`, a number or a boolean.", "Leave it out, or pass the WebAssembly.", () => te.init(null)],
  ]],
  TokenError: ["The token is invalid, or its provider failed. Nothing was sent.", [
    ["The token is `\"\"`, as from an empty variable.", "Set the variable.", withOptions({ token: "" })],
    ["The token has a line break, a space, or `Bearer` before it.", "Pass only the token.", withOptions({ token: "Bearer abc" })],
    ["The token is over 65,536 characters.", "Pass only the token.", withOptions({ token: "a".repeat(2 ** 17) })],
    ["The token is not a string.", "Pass a string or a function.", withOptions({ token: 7 })],
    ["Your provider threw or rejected.", "See the `cause`.", withOptions({ token: throws(new Error("sealed")) })],
    ["Your provider returned something else, or nothing.", "Return the token.", withOptions({ token: () => undefined })],
  ]],
  ConnectionError: ["The connection failed before or in the response, or the WebAssembly could not be loaded.", [
    ["The WebAssembly is missing, or is not that of this version.", "Serve `usage.wasm` of the installed version, or pass it to `init`.", () => withWasm(() => new Uint8Array(8)).init()],
    ["The runtime forbids compiling WebAssembly.", "Change the Content Security Policy. In a Worker pass the compiled module to `init`.", () =>
      whileReplaced(WebAssembly, "Module", throws(new EvalError("blocked")), () => whileReplaced(WebAssembly, "compile", banned, () => withWasm(() => new Uint8Array(8)).init()))],
    ["DNS, TLS, a refused connection, a reset, or CORS.", "Check the network and `baseUrl`. `causeCode` has the platform's code.", withOptions({ fetch: throws(refused), maxRetries: 1, timeout: 100 })],
    ["The same, where the platform gives no code, such as in a browser.", "See the browser's console and network log.", withOptions({ fetch: throws(noCode) })],
    ["The connection ended in the body.", "Call again.", withOptions({ fetch: async () => new Response(new ReadableStream({ start: (body) => body.error(noCode) }), { headers: TYPE }) })],
    ["The option `fetch` returned something else.", "Return a `Response`.", withOptions({ fetch: async () => ({}) })],
    ["The option `fetch` returned a used `Response`.", "Return a new one for each call.", withOptions({
      fetch: async () => {
        const response = new Response("{}", { headers: TYPE });
        await response.text();
        return response;
      },
    })],
    ["A bug of the package.", "Report it, with the `cause`.", () => Promise.reject(toError(new WebAssembly.RuntimeError("unreachable")))],
  ]],
  TimeoutError: ["The deadline of the whole call passed.", [
    ["The WebAssembly loads too slowly.", "Raise `timeout`, or call `init` when the program starts.", () =>
      withWasm(() => new Promise(() => {})).getUsage(null, null, { timeout: 1 })],
    ["The API is slow, or a retry waited.", "Raise `timeout`.", withOptions({ timeout: 10, fetch: () => new Promise(() => {}) })],
  ]],
  AbortError: ["The signal of the call aborted. `cause` is its reason.", [
    ["Your signal aborted.", "Nothing: you asked for it.", withOptions({ signal: AbortSignal.abort() })],
  ]],
  BadRequestError: ["Status 400. `errors` has the single errors.", [
    ["A parameter is invalid. The API's own text is in parentheses, as with each status.", "Check `aid` and `expand`.", withResponse('{"detail":"The account group is unknown."}', { status: 400, headers: HEADERS })],
    ["A parameter of `getTestUnits` is invalid.", "Check the query.", unitsWithStatus(400)],
    ["A parameter of `getEnterpriseAgentUnits` is invalid.", "Check the query.", unitsWithStatus(400, "getEnterpriseAgentUnits")],
  ]],
  UnauthorizedError: ["Status 401.", [
    ["The token is wrong or expired.", "Make a new one.", withStatus(401)],
    ["No token is set.", "Set `token`.", withStatus(401, { token: undefined })],
  ]],
  ForbiddenError: ["Status 403.", [
    ["The token's user may not view the usage.", "Give the user the permission.", withStatus(403)],
    ["The same for the units, or the organisation has no usage-based billing.", "Give the user the permission, or use `getUsage`.", unitsWithStatus(403)],
    ["The token's user may not edit quotas.", "Give the user the permission.", () => te.getQuotas({ token: "abc", fetch: async () => new Response("", { status: 403 }) })],
  ]],
  NotFoundError: ["Status 404.", [
    ["The URL or the account group does not exist.", "Check `baseUrl` and `aid`.", withStatus(404)],
  ]],
  RateLimitError: ["Status 429. `retryAt` is the time to try again.", [
    ["The organisation sent too many requests in this minute.", "Wait until `retryAt`.", withStatus(429)],
  ]],
  ServerError: ["Status 5xx.", [["The API, or a proxy before it, failed.", "Try again later.", withStatus(503)]]],
  UnexpectedResponseError: ["Another status, a redirect, or a 200 that is not JSON or too long. Of a list, also its next link.", [
    ["Status 408.", "Try again later.", withStatus(408)],
    ["A redirect.", "Set `baseUrl` to where it leads, if you trust it.", withStatus(302)],
    ["Any other status.", "Check `baseUrl`.", withStatus(418)],
    ["The response is a page, such as a login.", "Check `baseUrl` and proxies.", withResponse("<html>", { headers: { "content-type": "text/html" } })],
    ["A page links to one before it.", "Report it to ThousandEyes, with the `requestId`.", withNext(["b", "b"])],
    ["There are more than `maxPages` pages.", "Raise `maxPages`, or request a shorter period.", withNext(["b", "c"], { maxPages: 2 })],
    ["The response is longer than `maxBodyBytes`.", "Raise `maxBodyBytes`, or request less.", withResponse(" ".repeat(2 ** 20), {}, { maxBodyBytes: 65_536 })],
  ]],
  DecodeError: ["The body of a 200 is not valid UTF-8, not JSON, or not as documented. `path`, `expected` and `found` say where.", [
    ["The body is not UTF-8.", "Check `baseUrl`.", withResponse(Uint8Array.of(0x22, 0xff))],
    ["The body is not JSON.", "Check `baseUrl`.", withResponse('{"usage":x}', { headers: HEADERS })],
    ["The body is incomplete.", "Call again.", withResponse('{"usage":')],
    ["The body is nested too deep.", "Check `baseUrl`.", withResponse("[".repeat(200))],
    ["The body has too many values.", "Expand less.", withResponse(`[${"0,".repeat(4_000_000)}0]`)],
    ["A field has another type.", "Look for a newer version of the package.", withResponse('{"usage":{"tests":[{"aid":1}]}}')],
    ["An integer is too large for a JavaScript number.", "Report it to ThousandEyes, with the `requestId`.", withResponse('{"usage":{"cloudUnitsUsed":9007199254740992}}')],
    ["A required field is missing.", "Look for a newer version of the package.", withResponse('{"_links":{"self":{}}}')],
  ]],
};

/** The fields of a class beside those of each error. */
const COMMON = ["name", "message", "code", "retryable", "attempts", "cause"];

async function section([name, [summary, rows]]) {
  const fields = new Set();
  const lines = [];
  let code;
  for (const [cause, cure, call] of rows) {
    const error = await call().then(() => assert.fail(`${cause} The call succeeded`), (error) => error);
    assert.equal(error.name, name, cause);
    ({ code } = error);
    for (const field of Object.getOwnPropertyNames(error)) fields.add(field);
    lines.push(`| ${error.message} | ${cause} | ${cure} |`);
  }
  const own = [...fields].filter((field) => !COMMON.includes(field) && field !== "stack").map((field) => `\`${field}\``);
  const carries = own.length > 0 ? ` Other fields: ${own.join(", ")}.` : "";
  return [`## ${name}`, "", `\`${code}\`. ${summary}${carries}`, "", "| message | cause | cure |", "|---|---|---|", ...lines, ""].join("\n");
}

test("the docs list each message", { timeout: 120_000 }, async () => {
  const sections = [];
  // In turn, since some calls replace a global.
  for (const entry of Object.entries(CLASSES)) sections.push(await section(entry));
  const page = `# The errors and their messages

Each message that a user of the npm package can see, by class, with its cause and cure. A test makes each call and writes this
page. Names, numbers, URLs and fields in a message are those of the example. The codes are stable, the messages are not.

Each error has \`name\`, \`message\`, \`code\`, \`retryable\`, \`attempts\` and, if there is one, \`cause\`. The other fields of a class
are absent where they do not apply.
[FAULTS.md](../pkg-template/FAULTS.md) has the error of each single failure, with its attempts.

${sections.join("\n")}`;
  if (process.env.UPDATE_DOCS) await writeFile(ERRORS, page);
  else assert.equal(await readFile(ERRORS, "utf8"), page, "UPDATE_DOCS=1 node --test tests/package/errors.test.mjs writes it anew");
});
