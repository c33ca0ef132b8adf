// The cause of an error. It may contain the request, and so the token.
import { assert, assertEqual, assertRejects, createApi, fakeFetch, response } from "./assert.js";

/** The cause of a call with a token. Its `fetch` throws the value that a function makes of the request. */
async function causeOf(exports, make) {
  let thrown;
  const fetch = (url, init) => {
    throw (thrown = make(init));
  };
  const call = createApi(exports).getUsage(null, null, { token: "s3cret-1", maxRetries: 0, fetch });
  const { cause } = await assertRejects(call, { code: "connection" });
  return { thrown, cause };
}

export async function a_cause_that_may_contain_the_token_is_replaced_by_its_names_codes_and_messages(exports) {
  const refused = (fields) => Object.assign(new Error("refused"), fields);
  for (const [make, message = "refused"] of [
    [() => new TypeError("refused s3cret-1"), "refused [token]"],
    [() => "refused s3cret-1", "refused [token]"],
    [() => refused({ response: { bytes: [{ text: "…cret-1…" }] } })],
    [() => refused({ "s3cret-1": 1 })],
    [() => refused({ text: " ".repeat(2 ** 17) })],
    [(init) => refused({ request: new Request("https://example.com", init) })],
    [(init) => refused({ init })],
    [() => refused({ map: new Map([["s3cret-1", 1]]) })],
    [() => refused({ act() {} })],
    [() => Object.defineProperty(new Error("refused"), "sealed", { get() { throw "s3cret-1"; } })],
    [() => refused(Array.from({ length: 2_000 }))],
  ]) {
    const { thrown, cause } = await causeOf(exports, make);
    assertEqual(cause.message, message);
    assert(cause !== thrown, `${make}: the thrown value`);
    assertEqual(Object.keys(cause).filter((key) => !["name", "code"].includes(key)), []);
  }
  const inner = Object.assign(new Error("two", { cause: "s3cret-1" }), { code: "TWO" });
  const { cause } = await causeOf(exports, () => new TypeError("one", { cause: inner }));
  const { name, message, cause: second } = cause;
  assertEqual([name, message, second.code, second.message, second.cause.message], ["TypeError", "one", "TWO", "two", "[token]"]);
}

export async function a_cause_without_the_token_is_the_thrown_value(exports) {
  for (const value of [
    new TypeError("refused"),
    "refused",
    7,
    new DOMException("refused"),
    Object.assign(new Error("refused", { cause: new Error("reset") }), { code: "E", at: { port: 1, list: [null] } }),
    Object.create(null),
  ]) assert((await causeOf(exports, () => value)).cause === value, "the cause is the thrown value");
}

export async function a_secret_of_the_callers_own_authorization_is_redacted(exports) {
  const fetch = fakeFetch(response('{"detail":"no s3cret-1"}', { status: 401, headers: { "x-request-id": "s3cret-1" } }));
  const digest = 'Digest username="s3cret-1", realm="x"';
  for (const authorization of ["Bearer s3cret-1", digest, "Bearer s3cret-1, Basic eA==", "s3cret-1"]) {
    const call = createApi(exports).getUsage(null, null, { fetch, headers: { authorization } });
    await assertRejects(call, { code: "unauthorized", requestId: "[token]", problem: { detail: "no [token]" } });
  }
}
