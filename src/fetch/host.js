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

/** One request and its answer, of any realm or library: what of it is under way ends with `end()`. */
export class Exchange {
  controller = new AbortController();

  constructor(fetch, url, given, accept, authorization, wake) {
    this.sent = settle(this.send(fetch, url, given, accept, authorization), wake);
  }

  async send(fetch, url, given, accept, authorization) {
    const headers = new Headers(given);
    if (!headers.has("accept")) headers.set("accept", accept);
    if (authorization && !headers.has("authorization")) headers.set("authorization", authorization);
    // A redirect of "error" was rejected: it cannot be told from a failed connection, which is retried.
    const init = { method: "GET", headers, signal: this.controller.signal, redirect: "manual" };
    const answer = await fetch(url, init);
    // Of a fetch that ignores its signal the body comes all the same.
    if (this.isOver) ignore(answer.body.cancel());
    return answer;
  }

  /** The status, -1 of what is no Response, or -2 of one that was read already. */
  head() {
    const answer = this.sent.value;
    const status = touch(answer, "status");
    this.headers = touch(answer, "headers");
    this.body = touch(answer, "body");
    const isResponse = typeof touch(this.headers, "get") === "function" && typeof touch(answer, "arrayBuffer") === "function";
    if (!isResponse || !Number.isInteger(status) || status < 0 || status > 999) return -1;
    return touch(this.body, "locked") ? -2 : status;
  }

  header(name, longest) {
    try {
      const value = this.headers.get(name);
      if (typeof value === "string" && value.length <= longest) return value;
    } catch {}
  }

  /** The bytes of the next piece of the body, or null after the last one. */
  read(wake) {
    return settle(this.next(), wake);
  }

  async next() {
    if (!this.isBegun) {
      this.isBegun = true;
      // Some libraries have a body that is no web stream.
      this.isStream = typeof touch(this.body, "getReader") === "function";
      if (!this.isStream) return bytes(await this.sent.value.arrayBuffer());
      this.reader = this.body.getReader();
    }
    const { done, value } = this.isStream ? await this.reader.read() : { done: true };
    if (!done) return bytes(value);
    this.isOver = true;
    return null;
  }

  end() {
    if (this.isOver) return;
    this.isOver = true;
    try {
      ignore((this.reader ?? this.body).cancel());
      // A body that was not begun is cancelled by itself.
      if (!this.reader) return;
    } catch {}
    this.controller.abort();
  }
}

export const newHeaders = (init) => new Headers(init);

export function setAll(headers, more) {
  for (const [name, value] of more) headers.set(name, value);
}

export const newUrl = (text, base) => new URL(text, base);

// Of any realm, as a test's sandbox has classes of its own; but no look-alike, whose length would be its own invention.
function bytes(piece) {
  if (ArrayBuffer.isView(piece)) return new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
  try {
    return new Uint8Array(new DataView(piece).buffer);
  } catch {
    throw new TypeError("a piece of the body is no bytes");
  }
}

// In the order of `Key` in src/fetch/foreign.rs.
const KEYS = [
  "token",
  "baseUrl",
  "fetch",
  "timeout",
  "maxRetries",
  "headers",
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

export const globalFetch = () => touch(globalThis, "fetch");
export const location = () => touch(touch(globalThis, "location"), "href");
