// The types of arguments and options, and the request that a call makes of them. The rules of their values are tested in
// src/options.rs and src/query.rs.
import {
  assert, assertEqual, assertRejects, busy, createApi, fakeFetch, response, restoreGlobalFetch, useGlobalFetch,
} from "./assert.js";

const VALUES = 'the values of `expand` are "test", "enterprise-agent", "enterprise-agent-unit", "endpoint-agent", '
  + '"endpoint-agent-essential", "endpoint-agent-embedded"';
const AID = '`aid` must be a string, such as "2067": ';
const HEADERS = "`headers` has a name or value that HTTP does not allow; look for line breaks in it";
const TIMEOUT = "`timeout` must be a number of milliseconds above 0, or Infinity for none";
const TOKEN = "The token must be a string or a function that returns one";
const PROVIDER = "The token provider must return a string";

export async function an_invalid_argument_is_rejected_before_anything_is_sent(exports) {
  const { getUsage } = createApi(exports);
  const fetch = fakeFetch(response("{}"));
  const assertRejected = async (args, message, code = "argument") => {
    await assertRejects(getUsage(...args), { code, message, attempts: 0, retryable: false }, String(message));
    assertEqual(fetch.requests, []);
  };
  for (const [aid, why] of [[2067, "a number would lose digits"], ...[2067n, true, {}, ["2067"], Symbol("2067")].map((aid) =>
    [aid, "the arguments are (aid, expand, options)"])]) await assertRejected([aid, null, { fetch }], AID + why);
  await assertRejected(["20\n67", null, { fetch }], "`aid` has a control character; pass the account group's ID alone");
  for (const [expand, what] of [
    [["test", "tests"], "`expand[1]` is unknown"],
    [[7], "`expand[0]` is unknown"],
    [[, "test"], "`expand[0]` is unknown"],
    ["test", "`expand` must be an array: the arguments are (aid, expand, options)"],
    [{}, "`expand` must be an array: the arguments are (aid, expand, options)"],
  ]) await assertRejected([null, expand, { fetch }], `${what}; ${VALUES}`);
  for (const options of [7, "token"]) await assertRejected([null, null, options], "`options` must be an object");
  for (const [option, values, message, code] of [
    ["fetch", [7], "`fetch` must be a function"],
    ["onAttempt", [{}], "`onAttempt` must be a function"],
    ["signal", [{}, "abort"], "`signal` must be an AbortSignal"],
    ["timeout", [0, -1, NaN, "30", {}], TIMEOUT],
    ["maxRetries", [-1, 1.5, NaN, "2"], "`maxRetries` must be a whole number, 0 or more"],
    ["maxBodyBytes", [0, "1"], "`maxBodyBytes` must be a number of bytes, 1 or more"],
    ["headers", [{ "x-own": "s3cret\n1" }, { "x own": "1" }, [["x-own", "\u20ac"]]], HEADERS],
    ["headers", ["x-own: 1", 7], "`headers` must be an object, an array of pairs, or a Headers"],
    ["unknownOption", ["timeOut"], "`timeOut` is not an option; did you mean `timeout`?"],
    ["baseUrl", [7], "`baseUrl` must be a string or a URL"],
    ["baseUrl", [""], "`baseUrl` is empty; leave it out to call https://api.thousandeyes.com"],
    ["baseUrl", ["https://"], "`baseUrl` is not a URL; pass one such as https://api.thousandeyes.com"],
    ["baseUrl", ["https://example.com?"], "`baseUrl` has a query or fragment; pass only scheme, host and path"],
    ["token", [7, {}, true], TOKEN, "token"],
    ["token", [() => undefined, async () => 7, () => null], PROVIDER, "token"],
    ["token", [""], "The token is empty; pass a bearer token of ThousandEyes, or leave `token` out", "token"],
  ]) for (const value of values) await assertRejected([null, null, { fetch, [option]: value }], message, code);

  const reason = new Error("vault is sealed");
  for (const token of [() => { throw reason; }, async () => { throw reason; }]) {
    const error = await assertRejects(getUsage(null, null, { fetch, token }), { code: "token", attempts: 0 });
    assert(error.cause === reason, "the cause is the reason");
  }
}

export async function a_string_that_is_too_long_is_rejected_before_it_is_copied(exports) {
  const { getUsage } = createApi(exports);
  const long = "a".repeat(2 ** 28);
  const token = "The token is too long; pass only the bearer token";
  for (const [aid, option, code, message] of [
    [long, {}, "argument", "`aid` is too long; pass only the account group's ID"],
    [null, { token: long }, "token", token],
    [null, { token: () => long }, "token", token],
    [null, { baseUrl: long }, "argument", "`baseUrl` is too long"],
  ]) await assertRejects(getUsage(aid, null, { fetch: fakeFetch(), ...option }), { code, message });
}

export async function a_relative_base_url_is_resolved_against_the_page(exports) {
  const { getUsage } = createApi(exports);
  const fetch = fakeFetch(response("{}"));
  const call = (options) => getUsage(null, null, { fetch, baseUrl: "/api", ...options });
  if (globalThis.location === undefined) {
    const message = "`baseUrl` is relative, which needs a page; pass one such as https://api.thousandeyes.com";
    await assertRejects(call(), { code: "argument", message });
    globalThis.location = new URL("http://intranet.example/page");
    await call();
    assertEqual(fetch.requests[0].url, "http://intranet.example/api/v7/usage");
    for (const options of [{ token: "abc" }, { headers: { authorization: "Basic x" } }, { baseUrl: "//other.example" }]) {
      const message = "`baseUrl` must be https, or http on localhost, so that the token cannot be read on the way";
      await assertRejects(call(options), { code: "argument", message });
    }
    delete globalThis.location;
    return;
  }
  await call();
  assertEqual(fetch.requests[0].url, `${location.origin}/api/v7/usage`);
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
  let calls = 0;
  const fetch = fakeFetch(busy("0"), response("{}"));
  await getUsage(null, null, { fetch, token: async () => ((calls += 1), "abc") });
  assertEqual(calls, 1);
  assertEqual(fetch.requests.map(({ headers }) => headers.authorization), ["Bearer abc", "Bearer abc"]);
}

export async function the_global_fetch_is_looked_up_when_the_call_begins(exports) {
  useGlobalFetch(["{}"]);
  const call = createApi(exports).getUsage();
  assertEqual(await call, {});
  assertEqual(restoreGlobalFetch(), ["https://api.thousandeyes.com/v7/usage  "]);
}
