// Calls the caller's code: the signal, fetch and token provider, each of which may throw or never settle. Rust gets only genuine
// values: a Response of this realm, bytes, a promise that settles.

/** Milliseconds for a call that sets no `timeout`. */
const DEFAULT_TIMEOUT = 30_000;

/** A timer with a longer delay would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The longest time, in milliseconds, for which chunks are read before timers and the signal may run. */
const LONGEST_RUSH = 50;

/**
 * The deadline and the abort signal of one call.
 *
 * A call awaits one promise at a time, each by `settle`, which rejects as soon as the call is interrupted. So no promise keeps a
 * call waiting after its end.
 */
export class Call {
  /** When the deadline passes, by `performance.now()`. */
  deadline = Infinity;

  /** Why the call was interrupted, if it was: "timeout" or "aborted". */
  interruption;

  /** The reason of the caller's signal. */
  reason;

  #signal;
  #timer;
  #wait;
  #reject;

  /** An invalid timeout or signal is ignored here: Rust rejects it. */
  constructor(timeout, signal) {
    if (signal?.aborted) return this.#abort(signal);
    signal?.addEventListener?.("abort", this.#onAbort);
    this.#signal = signal;
    // The signal may have thrown, and a timer would then keep the process from ending.
    const delay = timeout ?? DEFAULT_TIMEOUT;
    if (typeof delay === "number" && delay > 0 && delay <= LONGEST_TIMER) {
      this.deadline = performance.now() + delay;
      this.#timer = setTimeout(() => this.#interrupt("timeout"), delay);
    }
  }

  #onAbort = () => this.#abort(this.#signal);

  #abort(signal) {
    try {
      this.reason = signal.reason;
    } catch {}
    this.#interrupt("aborted");
  }

  #interrupt(interruption) {
    this.interruption ??= interruption;
    this.end();
    this.#reject?.();
  }

  /** Aborts the call, as its signal would. */
  abort() {
    this.#interrupt("aborted");
  }

  /** Stops the timers, and removes the listener. */
  end() {
    clearTimeout(this.#timer);
    clearTimeout(this.#wait);
    try {
      this.#signal?.removeEventListener("abort", this.#onAbort);
    } catch {}
    this.#signal = undefined;
  }

  /** What a promise settles to; rejects once the call is interrupted. */
  settle(promise) {
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      if (this.interruption) reject();
      promise.then(resolve, reject);
    });
  }

  /** What a function returns, or resolves to. */
  run(callback) {
    return this.settle((async () => callback())());
  }

  /** The Response of a fetch. Undefined if it returns something else. */
  fetch(fetch, url, init) {
    return this.settle(request(fetch, url, init));
  }

  /** The chunks of a body. Undefined if it is longer than `limit` bytes. */
  read(reader, limit) {
    return this.settle(this.#readAll(reader, limit));
  }

  async #readAll(reader, limit) {
    const chunks = [];
    let length = 0;
    let rested = performance.now();
    // A stream may go on after its reader was cancelled.
    while (!this.interruption) {
      const { done, value } = await reader.read();
      if (done) return chunks;
      const chunk = bytes(value);
      length += chunk.length;
      if (length > limit) return undefined;
      chunks.push(chunk);
      // A stream that always has a chunk ready would otherwise keep the deadline's timer from firing.
      if (performance.now() - rested > LONGEST_RUSH) {
        await new Promise((resolve) => setTimeout(resolve));
        rested = performance.now();
      }
    }
  }

  sleep(milliseconds) {
    return this.settle(
      new Promise((resolve) => {
        this.#wait = setTimeout(resolve, milliseconds);
      }),
    );
  }
}

async function request(fetch, url, init) {
  const response = toResponse(await fetch(url, init));
  // A fetch that ignores its signal responds all the same.
  if (init.signal.aborted) ignore(() => response?.body?.cancel());
  return response;
}

/** A genuine Response of whatever a fetch returned. Undefined if that is no Response and does not look like one. */
function toResponse(value) {
  if (isGenuine(value)) return value;
  try {
    const { status, headers, body, arrayBuffer } = value;
    if (!Number.isInteger(status) || status < 0 || status > 999) return undefined;
    if (typeof headers.get !== "function" || typeof arrayBuffer !== "function") return undefined;
    const copy = new Response(stream(value, body));
    if (body?.locked) copy.body.getReader();
    // The constructor takes only statuses from 200 to 599.
    return Object.defineProperties(copy, { status: { value: status }, headers: { value: toHeaders(headers) } });
  } catch {
    return undefined;
  }
}

// The prototype's own getter fails for a Proxy and a look-alike. A subclass or an own property may hide a getter that throws.
let getStatus;

function isGenuine(value) {
  try {
    getStatus ??= Object.getOwnPropertyDescriptor(Response.prototype, "status").get;
    getStatus.call(value);
    return Object.getPrototypeOf(value) === Response.prototype && !Object.getOwnPropertyNames(value).length;
  } catch {
    return false;
  }
}

function toHeaders(headers) {
  if (typeof headers[Symbol.iterator] === "function") return new Headers([...headers]);
  // The headers of a mock often have only get().
  const get = (name) => {
    try {
      const value = headers.get(name);
      return typeof value === "string" ? value : null;
    } catch {
      return null;
    }
  };
  return Object.defineProperty(new Headers(), "get", { value: get });
}

/** The body of a foreign response as a stream of this realm. */
function stream(response, body) {
  let reader;
  return new ReadableStream(
    {
      async pull(controller) {
        if (typeof body?.getReader !== "function") {
          controller.enqueue(await response.arrayBuffer());
          return controller.close();
        }
        reader ??= body.getReader();
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => ignore(() => (reader ?? body).cancel()),
    },
    { highWaterMark: 0 },
  );
}

// The bytes of a view or buffer of any realm. The length that a look-alike claims could be wrong, so it is rejected.
function bytes(chunk) {
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  try {
    return new Uint8Array(new DataView(chunk).buffer);
  } catch {
    throw new TypeError("a chunk of the body is not bytes");
  }
}

/** Calls a function, and ignores its error or rejection: an unhandled rejection would end a Node process. */
async function ignore(callback) {
  try {
    await callback();
  } catch {}
}

export const notify = (hook, report) => ignore(() => hook(report));

export const cancel = (stream) => ignore(() => stream.cancel());

/** Whether a value is an AbortSignal, of any realm or library. */
export function isSignal(value) {
  try {
    const { aborted, addEventListener, removeEventListener } = value;
    return typeof aborted === "boolean" && [addEventListener, removeEventListener].every((member) => typeof member === "function");
  } catch {
    return false;
  }
}

/** A URL, relative to the page if there is one; undefined if it is invalid. */
export function newUrl(text) {
  for (const base of [undefined, globalThis.location?.href]) {
    try {
      return new URL(text, base);
    } catch {}
  }
}
