// The types of arguments and options, and the request that a call makes of them. The rules of their values are tested in
// src/options.rs and src/query.rs.
import {
  assert, assertEqual, assertRejects, busy, createApi, fakeFetch, response, restoreGlobalFetch, useGlobalFetch,
} from "./assert.js";

/** Asserts that calls with these arguments reject before anything is sent, with a message that begins like this. */
async function assertRejected(exports, cases) {
  const { getUsage } = createApi(exports);
  const fetch = fakeFetch(response("{}"));
  for (const [aid, expand, options, start, code = "argument"] of cases) {
    const call = getUsage(aid, expand, Object(options) === options ? { fetch, ...options } : options);
    const { message } = await assertRejects(call, { code, attempts: 0, retryable: false }, start);
    assert(message.startsWith(start), `${message}, and not ${start}`);
  }
  assertEqual(fetch.requests, []);
}

export async function an_invalid_argument_is_rejected_before_anything_is_sent(exports) {
  const notAString = '`aid` must be a string, such as "2067":';
  await assertRejected(exports, [
    [2067, null, {}, `${notAString} a number would lose digits`],
    ...[2067n, true, {}, ["2067"], Symbol("2067")].map((aid) => [aid, null, {}, `${notAString} the arguments are`]),
    ["20\n67", null, {}, "`aid` has a control character"],
    [null, ["test", "tests"], {}, "`expand[1]` is unknown"],
    ...[[7], [, "test"]].map((expand) => [null, expand, {}, "`expand[0]` is unknown"]),
    ...["test", {}].map((expand) => [null, expand, {}, "`expand` must be an array: the arguments are"]),
    ...[7, "token"].map((options) => [null, null, options, "`options` must be an object"]),
  ]);
  for (const [option, values, start, code] of [
    ["fetch", [7], "`fetch` must be a function"],
    ["onAttempt", [{}], "`onAttempt` must be a function"],
    ["signal", [{}, "abort"], "`signal` must be an AbortSignal"],
    ["timeout", [0, -1, NaN, "30", {}], "`timeout` must be a number of milliseconds"],
    ["maxRetries", [-1, 1.5, NaN, "2"], "`maxRetries` must be a whole number"],
    ["maxBodyBytes", [0, "1"], "`maxBodyBytes` must be a number of bytes"],
    ["headers", [{ "x-own": "s3cret\n1" }, { "x own": "1" }, [["x-own", "\u20ac"]]], "`headers` has a name or value"],
    ["headers", ["x-own: 1", 7], "`headers` must be an object"],
    ["unknownOption", ["timeOut"], "`timeOut` is not an option; did you mean `timeout`?"],
    ["baseUrl", [7], "`baseUrl` must be a string or a URL"],
    ["baseUrl", [""], "`baseUrl` is empty"],
    ["baseUrl", ["https://"], "`baseUrl` is not a URL"],
    ["baseUrl", ["https://example.com?"], "`baseUrl` has a query or fragment"],
    ["token", [7, {}, true], "The token must be a string", "token"],
    ["token", [() => undefined, async () => 7, () => null, () => Object("abc")], "The token provider must return", "token"],
    ["token", [""], "The token is empty", "token"],
  ]) await assertRejected(exports, values.map((value) => [null, null, { [option]: value }, start, code]));
}

export async function the_cause_of_a_token_error_is_what_the_provider_threw(exports) {
  const reason = new Error("vault is sealed");
  for (const token of [() => { throw reason; }, async () => { throw reason; }]) {
    const call = createApi(exports).getUsage(null, null, { fetch: fakeFetch(), token });
    const { cause } = await assertRejects(call, { code: "token" });
    assert(cause === reason, "the cause is the reason");
  }
}

export async function a_string_that_is_too_long_is_rejected_before_it_is_copied(exports) {
  const long = "a".repeat(2 ** 28);
  await assertRejected(exports, [
    [long, null, {}, "`aid` is too long"],
    [null, null, { baseUrl: long }, "`baseUrl` is too long"],
    ...[long, () => long].map((token) => [null, null, { token }, "The token is too long", "token"]),
  ]);
}

export async function a_relative_base_url_is_resolved_against_the_page(exports) {
  const { getUsage } = createApi(exports);
  const baseUrl = "/api";
  const isPage = globalThis.location !== undefined;
  if (!isPage) {
    await assertRejected(exports, [[null, null, { baseUrl }, "`baseUrl` is relative, which needs a page"]]);
    globalThis.location = new URL("http://intranet.example/page");
    for (const options of [{ token: "abc" }, { headers: { authorization: "Basic x" } }, { baseUrl: "//other.example" }]) {
      await assertRejected(exports, [[null, null, { baseUrl, ...options }, "`baseUrl` must be https"]]);
    }
  }
  const fetch = fakeFetch(response("{}"));
  await getUsage(null, null, { fetch, baseUrl });
  assertEqual(fetch.requests[0].url, `${location.origin}/api/v7/usage`);
  if (!isPage) delete globalThis.location;
}

export async function the_request_has_the_arguments_and_the_headers(exports) {
  const { getUsage } = createApi(exports);
  const accept = "application/hal+json, application/problem+json";
  const own = { accept: "a/b", authorization: "Basic x", "x-own": "1" };
  const url = "https://api.thousandeyes.com/v7/usage";
  for (const [[aid, expand, options], expectedUrl, headers] of [
    [[null, null], url, { accept }],
    [[undefined, [], { token: "abc" }], url, { accept, authorization: "Bearer abc" }],
    [["1&x=é", ["endpoint-agent", "test"]], `${url}?aid=1%26x%3D%C3%A9&expand=endpoint-agent,test`, { accept }],
    [[null, null, { token: "abc", headers: { Accept: "a/b", authorization: "Basic x", "x-own": "1" } }], url, own],
    [[null, null, { baseUrl: "HTTPS://EXAMPLE.com/te/" }], "https://example.com/te/v7/usage", { accept }],
    [[null, null, { baseUrl: "https://example.com/te/v7/" }], "https://example.com/te/v7/usage", { accept }],
    [[null, null, { baseUrl: "http://127.0.0.1:8787" }], "http://127.0.0.1:8787/v7/usage", { accept }],
  ]) {
    const fetch = fakeFetch(response("{}"));
    await getUsage(aid, expand, { ...options, fetch });
    const [request] = fetch.requests;
    assertEqual([request.url, request.headers], [expectedUrl, headers]);
    assertEqual([request.init.method, request.init.redirect], ["GET", "manual"]);
  }
}

export async function the_token_provider_is_called_once_per_call(exports) {
  const { getUsage } = createApi(exports);
  for (const provide of [() => "abc", async () => "abc", () => ({ then: (resolve) => resolve("abc") })]) {
    let calls = 0;
    const fetch = fakeFetch(busy("0"), response("{}"));
    await getUsage(null, null, { fetch, token: () => ((calls += 1), provide()) });
    assertEqual(calls, 1);
    assertEqual(fetch.requests.map(({ headers }) => headers.authorization), ["Bearer abc", "Bearer abc"]);
  }
}

export async function the_global_fetch_is_looked_up_when_the_call_begins(exports) {
  useGlobalFetch(["{}"]);
  const call = createApi(exports).getUsage();
  assertEqual(await call, {});
  assertEqual(restoreGlobalFetch(), ["https://api.thousandeyes.com/v7/usage  "]);
}
