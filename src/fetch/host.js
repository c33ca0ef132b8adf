// What only JavaScript can do for src/fetch: wait, listen, and touch what may throw at a touch.

/** What Rust waits for: `state` is 0 until `value` has come, then 1, or 2 where it was thrown. Then `wake` is called, unless it stopped. */
class Cell {
  state = 0;

  constructor(wake) {
    this.wake = wake;
  }

  put(state, value) {
    this.state ||= state;
    this.value = value;
    // Not at once: Rust may be in the middle of a step, and a trap in the next is for the microtask's maker to see.
    queueMicrotask(() => this.wake?.());
  }

  stop() {
    this.wake = undefined;
    this.end?.();
  }
}

/** What a promise, or anything else, settles to. An async function, since it takes any `then` that a user's promise may have. */
export function settle(it, wake) {
  const cell = new Cell(wake);
  (async () => {
    try {
      cell.put(1, await it);
    } catch (cause) {
      cell.put(2, cause);
    }
  })();
  return cell;
}

export function timer(milliseconds, wake) {
  const cell = new Cell(wake);
  const id = setTimeout(() => cell.put(1), milliseconds);
  cell.end = () => clearTimeout(id);
  return cell;
}

/** The reason of a signal, once it aborts. */
export function aborted(signal, wake) {
  const cell = new Cell(wake);
  const abort = () => {
    let reason;
    try {
      reason = signal.reason;
    } catch {}
    cell.put(1, reason);
  };
  signal.addEventListener("abort", abort);
  cell.end = () => {
    try {
      signal.removeEventListener("abort", abort);
    } catch {}
  };
  if (signal.aborted) abort();
  return cell;
}

/** Lets it settle as it may: a rejection that nobody handles would end a Node process. */
export async function ignore(it) {
  try {
    await it;
  } catch {}
}

/** Cancels the body of an answer that comes too late. */
export const discard = (answer) => ignore((async () => (await answer).body.cancel())());

export const request = (headers, signal) => ({ method: "GET", headers, signal, redirect: "manual" });

export const newHeaders = (init) => new Headers(init);

export function setAll(headers, more) {
  for (const [name, value] of more) headers.set(name, value);
}

export const newUrl = (text, base) => new URL(text, base);

/** The bytes of a piece of a body, of any realm. */
export const bytes = (piece) =>
  ArrayBuffer.isView(piece)
    ? new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength)
    : new Uint8Array(new DataView(piece).buffer);

// In the order of `Key` in src/fetch/foreign.rs.
const KEYS = [
  "status",
  "headers",
  "body",
  "locked",
  "done",
  "value",
  "get",
  "arrayBuffer",
  "getReader",
  "read",
  "cancel",
  "token",
  "baseUrl",
  "fetch",
  "timeout",
  "maxRetries",
  "maxBodyBytes",
  "onAttempt",
  "signal",
  "aborted",
  "addEventListener",
  "removeEventListener",
  "href",
];

/** A member, or undefined where there is none, it is null, or its getter throws. */
function touch(it, name) {
  try {
    return it?.[name] ?? undefined;
  } catch {}
}

export const get = (it, key) => touch(it, KEYS[key]);

export const invoke = (it, key, argument) => it[KEYS[key]](argument);

export function attempt(attempt, url, status, code, durationMs, waitMs) {
  const told = { attempt, url, status, code, durationMs, waitMs };
  for (const name in told) if (told[name] === undefined) delete told[name];
  return told;
}

export const globalFetch = () => touch(globalThis, "fetch");
export const location = () => touch(touch(globalThis, "location"), "href");
