// The result or the error of a response. Statuses, problems and retries are tested in src/client.
import { assert, assertEqual, assertRejects, busy, createApi, fakeFetch, JSON_TYPE, response, streamed } from "./assert.js";

const HEADERS = {
  "x-request-id": "r-1",
  "x-organization-rate-limit-limit": "240",
  "x-organization-rate-limit-remaining": "7",
  "x-organization-rate-limit-reset": "1795348860",
};

/** The rate limit of these headers, as JSON. */
const RATE_LIMIT = { limit: 240, remaining: 7, reset: "2026-11-22T12:01:00.000Z" };

export async function the_result_equals_the_json_of_the_body(exports, fixture) {
  const { getUsage } = createApi(exports);
  const hostile = '{"usage":{"__proto__":{"polluted":true},"new":{"a":[1e300,null]},"n":9007199254740993}}';
  for (const body of [fixture, hostile]) {
    const result = await getUsage(null, null, { fetch: fakeFetch(response(body)) });
    assertEqual(result, JSON.parse(body));
    assertEqual(structuredClone(result), result);
    assertEqual(result.usage.polluted, undefined);
  }
}

export async function the_response_has_its_status_headers_rate_limit_and_attempts(exports) {
  const { getUsageWithResponse } = createApi(exports);
  const fetch = fakeFetch(response("{}", { headers: HEADERS }));
  const { headers, rateLimit, ...rest } = await getUsageWithResponse(null, null, { fetch });
  assertEqual(rest, { data: {}, status: 200, requestId: "r-1", attempts: 1 });
  assert(rateLimit.reset instanceof Date && headers instanceof Headers, "a Date and a Headers");
  assertEqual(JSON.parse(JSON.stringify(rateLimit)), RATE_LIMIT);
}

export async function an_error_has_the_fields_of_its_code(exports) {
  const { getUsage } = createApi(exports);
  const call = (response) => getUsage(null, null, { maxRetries: 0, maxBodyBytes: 1_000, fetch: () => response });
  const tests = `[${"{},".repeat(17)}{"cloudUnitsUsed":"5"}]`;
  const message = "The API rejected the request (400); check `aid` and `expand` (the API says: unknown aid)";
  for (const [value, expected] of [
    [response('{"detail":"unknown aid","errors":[{"field":"aid"}]}', { status: 400, headers: HEADERS }), {
      code: "bad-request", status: 400, retryable: false, attempts: 1, requestId: "r-1", message,
      problem: { detail: "unknown aid", errors: [{ field: "aid" }] },
    }],
    [response(`{"usage":{"tests":${tests}}}`, { headers: HEADERS }), {
      code: "decode", status: 200, attempts: 1, requestId: "r-1",
      path: "usage.tests[17].cloudUnitsUsed", expected: "an integer within ±(2^53 − 1)", found: "a string",
    }],
    [response("<html>", { headers: { ...HEADERS, "content-type": "text/html" } }), { code: "unexpected-response", status: 200 }],
  ]) {
    const { headers, rateLimit } = await assertRejects(call(value), expected);
    assertEqual([headers.get("x-request-id"), JSON.parse(JSON.stringify(rateLimit))], ["r-1", RATE_LIMIT]);
  }
  const before = Date.now();
  const tooMany = response("", { status: 429, headers: { "retry-after": "60" } });
  const { retryAt } = await assertRejects(call(tooMany), { code: "rate-limit", problem: undefined });
  assert(retryAt >= before + 60_000 && retryAt <= Date.now() + 60_000, String(retryAt));

  const long = streamed('{"a":', `"${"a".repeat(1_000)}"`, "}");
  await assertRejects(call(long), { code: "unexpected-response" });
  assert(long.isCancelled, "the body is cancelled");
  const reset = new TypeError("terminated");
  const { cause } = await assertRejects(call(streamed('{"usage":', reset)), { code: "connection", retryable: true });
  assert(cause === reset, "the cause is the reset");
}

export async function a_body_may_have_exactly_max_body_bytes(exports) {
  const { getUsage } = createApi(exports);
  const call = (maxBodyBytes) => getUsage(null, null, { maxBodyBytes, fetch: fakeFetch(() => streamed("{", "}")) });
  assertEqual(await call(2), {});
  await assertRejects(call(1), { code: "unexpected-response" });
}

export async function a_value_that_is_not_a_response_is_a_lasting_connection_error(exports) {
  const { getUsage } = createApi(exports);
  const expected = { code: "connection", retryable: false, attempts: 1 };
  const fraction = { status: 200.5, headers: new Headers(), arrayBuffer() {} };
  for (const value of [undefined, null, "text", {}, { status: 200 }, [], fraction]) {
    await assertRejects(getUsage(null, null, { fetch: () => value }), expected, String(value));
  }
  const used = response("{}");
  used.body.getReader();
  for (const value of [used, { ...fraction, status: 200, body: used.body }]) {
    const { message } = await assertRejects(getUsage(null, null, { fetch: () => value }), expected);
    assert(message.endsWith("whose body was read already; return a new one"), message);
  }
}

export async function a_response_that_throws_when_it_is_read_is_an_error(exports) {
  const { getUsage } = createApi(exports);
  const throws = () => {
    throw new Error("sealed");
  };
  const sealed = (object, name) => Object.defineProperty(object, name, { get: throws });
  const foreign = (fields) => ({ status: 200, headers: new Headers(JSON_TYPE), arrayBuffer: throws, ...fields });
  const detached = new ArrayBuffer(8);
  structuredClone(detached, { transfer: [detached] });
  const read = (read) => foreign({ body: { getReader: () => ({ read, cancel: throws }) } });
  for (const [value, code] of [
    [sealed(response("{}"), "status"), "connection"],
    [sealed(response("{}"), "headers"), "connection"],
    [new Proxy(response("{}"), { get: throws }), "connection"],
    [foreign({ headers: { get: throws } }), "unexpected-response"],
    [foreign({ headers: { get: () => 7 } }), "unexpected-response"],
    [foreign({ body: { getReader: throws } }), "connection"],
    [foreign({ body: { getReader: () => undefined } }), "connection"],
    [read(throws), "connection"],
    [read(() => 7), "connection"],
    ...[{}, { byteLength: 1, length: 2 ** 53 - 1 }, detached].map((value) => [read(async () => ({ value })), "connection"]),
    [foreign({ arrayBuffer: async () => detached }), "connection"],
    [sealed({}, "status"), "connection"],
    [sealed(Promise.resolve(7), "constructor"), "connection"],
    [sealed({}, "then"), "connection"],
  ]) await assertRejects(getUsage(null, null, { timeout: 1_000, maxRetries: 0, fetch: () => value }), { code });
}

export async function a_response_of_another_library_is_read_by_array_buffer(exports) {
  const { getUsage } = createApi(exports);
  for (const body of [{ body: {} }, {}]) {
    const arrayBuffer = async () => new TextEncoder().encode('{"usage":{"cloudUnitsUsed":7}}').buffer;
    const value = { status: 200, headers: new Headers(JSON_TYPE), arrayBuffer, ...body };
    assertEqual(await getUsage(null, null, { fetch: async () => value }), { usage: { cloudUnitsUsed: 7 } });
  }
}

export async function each_attempt_is_reported_and_the_hook_changes_nothing(exports) {
  const { getUsage } = createApi(exports);
  const reports = [];
  const onAttempt = ({ durationMs, ...report }) => {
    assert(durationMs >= 0, String(durationMs));
    if (reports.push(report) === 1) throw new Error("hook");
    return Promise.reject(new Error("hook"));
  };
  await getUsage("1", null, { fetch: fakeFetch(busy("0"), response("{}")), token: "abc", onAttempt });
  const url = "https://api.thousandeyes.com/v7/usage?aid=1";
  assertEqual(reports, [{ attempt: 1, url, status: 503, code: "server", waitMs: 0 }, { attempt: 2, url, status: 200 }]);
}
