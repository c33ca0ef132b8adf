// The deadline and the signal, which end a call early, and the timers of a call.
import { assert, assertEqual, assertRejects, busy, createApi, fakeFetch, never, response, streamed } from "./assert.js";

export async function the_deadline_covers_the_provider_the_headers_and_the_body(exports) {
  const { getUsage } = createApi(exports);
  const assertTimeout = (options, attempts) =>
    assertRejects(getUsage(null, null, { timeout: 20, ...options }), { code: "timeout", attempts, retryable: true });
  await assertTimeout({ fetch: fakeFetch(), token: never }, 0);
  const fetch = fakeFetch(never);
  await assertTimeout({ fetch }, 1);
  assert(fetch.requests[0].init.signal.aborted, "the request is aborted");
  const body = streamed("{", "stall");
  await assertTimeout({ fetch: fakeFetch(() => body) }, 1);
  assert(body.isCancelled, "the body is cancelled");
}

export async function a_timeout_from_2_pow_31_ms_on_is_none(exports) {
  const { getUsage } = createApi(exports);
  const late = () => new Promise((resolve) => setTimeout(() => resolve(response("{}")), 20));
  for (const timeout of [2 ** 31, Number.MAX_VALUE, Infinity]) {
    assertEqual(await getUsage(null, null, { fetch: late, timeout }), {});
  }
}

export async function the_signal_aborts_at_each_stage_with_its_reason_as_the_cause(exports) {
  const { getUsage } = createApi(exports);
  let controller;
  const abort = () => setTimeout(() => controller.abort({ unusual: "reason" }));
  for (const [stage, options, attempts] of [
    ["provider", { fetch: fakeFetch(), token: () => (abort(), never()) }, 0],
    ["provider, at once", { fetch: fakeFetch(), token: () => (controller.abort(), never()) }, 0],
    ["headers", { fetch: () => (abort(), never()) }, 1],
    ["body", { fetch: async () => (abort(), streamed("{", "stall")) }, 1],
    ["wait", { fetch: async () => (abort(), busy("20")) }, 1],
  ]) {
    controller = new AbortController();
    const { signal } = controller;
    const call = getUsage(null, null, { ...options, signal });
    const error = await assertRejects(call, { code: "aborted", attempts, retryable: false }, stage);
    assert(error.cause === signal.reason, stage);
  }
  const forbidden = () => assert(false, "the call continued");
  const before = { fetch: forbidden, token: forbidden, signal: AbortSignal.abort("changed my mind") };
  await assertRejects(getUsage(null, null, before), { code: "aborted", attempts: 0, cause: "changed my mind" });
  const sealed = { aborted: true, addEventListener() {}, removeEventListener() {}, get reason() { throw new Error("sealed"); } };
  await assertRejects(getUsage(null, null, { fetch: forbidden, signal: sealed }), { code: "aborted", attempts: 0 });
}

export async function a_call_leaves_no_listener_on_the_signal(exports) {
  const { getUsage } = createApi(exports);
  const controller = new AbortController();
  const { signal } = controller;
  let listeners = 0;
  let most = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args) => (most = Math.max(most, ++listeners), addEventListener.apply(signal, args));
  signal.removeEventListener = (...args) => (listeners--, removeEventListener.apply(signal, args));
  for (const fetch of [
    fakeFetch(response("{}")),
    fakeFetch(response("", { status: 400 })),
    never,
    () => (setTimeout(() => controller.abort()), never()),
  ]) {
    most = 0;
    await getUsage(null, null, { signal, timeout: 50, fetch }).catch(() => {});
    assertEqual([most, listeners], [1, 0]);
  }
}

export async function a_body_that_always_has_a_chunk_ready_ends_at_the_deadline(exports) {
  const { getUsage } = createApi(exports);
  const endless = () => response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1)) }));
  await assertRejects(getUsage(null, null, { timeout: 100, fetch: async () => endless() }), { code: "timeout" });
}

export async function retries_without_a_wait_end_with_the_signal(exports) {
  const { getUsage } = createApi(exports);
  const options = { timeout: Infinity, maxRetries: 1e9, fetch: fakeFetch(busy("0")), signal: AbortSignal.timeout(50) };
  await assertRejects(getUsage(null, null, options), { code: "aborted" });
}

export async function a_wait_that_is_longer_than_a_timer_takes_several(exports) {
  const { getUsage } = createApi(exports);
  const { setTimeout } = globalThis;
  const timers = [];
  globalThis.setTimeout = (act, ms) => (timers.push(ms), setTimeout(act, 0));
  try {
    await getUsage(null, null, { timeout: Infinity, fetch: fakeFetch(busy("4294968"), response("{}")) });
  } finally {
    globalThis.setTimeout = setTimeout;
  }
  assertEqual(timers, [2_147_483_647, 2_147_483_647, 706]);
}
