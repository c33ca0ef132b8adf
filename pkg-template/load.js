import { abortError, createError, toError } from "./create-error.js";
import { createInstance } from "./instance.js";

// Compiles any value that init() accepts, except a URL, which has to be fetched before.
async function compile(wasm) {
  // Not by `instanceof`: a sandbox may pass a value of another realm, or have no Response.
  if (wasm?.headers) {
    if (!wasm.ok) throw new Error(`${wasm.url || "The Response"} has the status ${wasm.status}`);
    // The streaming compiler rejects any other type, which a plain server may send.
    if (wasm.headers.get("content-type") === "application/wasm") return WebAssembly.compileStreaming(wasm);
    wasm = await wasm.arrayBuffer();
  }
  return Object.prototype.toString.call(wasm) === "[object WebAssembly.Module]" ? wasm : WebAssembly.compile(wasm);
}

// The error of compiling an empty module. Undefined if compiling is allowed.
function banOnCompiling() {
  try {
    new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  } catch (cause) {
    return cause;
  }
}

function loadError(cause, ban, retryable) {
  // A compiled module of another version fails to link, also where compiling is forbidden.
  if (ban && cause?.name !== "LinkError") {
    const message =
      "Compiling WebAssembly is forbidden here: add 'wasm-unsafe-eval' to `script-src` of the page's Content Security " +
      "Policy; a Worker imports the compiled module, and passes it to init()";
    return createError("connection", message, { cause: ban });
  }
  const message =
    "The package's WebAssembly could not be loaded (see `cause`): check that usage.wasm is served, or pass it to init()";
  return createError("connection", message, { cause, retryable });
}

/**
 * Loads the WebAssembly when it is first needed, and starts it again after a crash.
 *
 * @param locations functions that return what init() accepts: where a runtime may have the WebAssembly. They are tried in turn.
 * @param read fetches a URL, until its signal aborts
 */
export function createLoader(locations, read = (url, signal) => fetch(url, { signal })) {
  let instance;
  // The last load of init(), also after its end.
  let initLoad;
  // The load of the locations, until its end.
  let packageLoad;
  // Aborts the fetch of a location.
  let controller;

  async function load(locations, signal) {
    let error;
    for (const locate of locations) {
      let fetching = false;
      try {
        let wasm = await locate();
        fetching = typeof wasm === "string" || wasm instanceof URL;
        if (fetching) wasm = await read(wasm, signal);
        fetching = false;
        return createInstance(await compile(wasm));
      } catch (cause) {
        // A fetch that fails is a TypeError: like one that stalls, it may succeed later.
        const ban = banOnCompiling();
        const isFailedFetch = fetching && cause instanceof TypeError && cause.code !== "ERR_INVALID_URL";
        error ??= loadError(cause, ban, signal?.aborted || isFailedFetch);
        if (ban) break;
      }
    }
    throw error;
  }

  async function ready() {
    // init() rejects with its own error. A call then loads from the locations.
    await initLoad?.catch(() => {});
    if (instance) return;
    if (!packageLoad) {
      controller = new AbortController();
      const loading = load(locations, controller.signal).finally(() => packageLoad === loading && (packageLoad = undefined));
      packageLoad = loading;
    }
    const loaded = await packageLoad;
    instance ??= loaded;
  }

  // Called when the deadline of a call passed during the load. A stalled fetch is aborted, so that the next location is tried.
  // After the last location, the next call loads again.
  function giveUp() {
    initLoad = undefined;
    if (controller?.signal.aborted) packageLoad = undefined;
    controller?.abort();
  }

  /** Loads the instance, with the deadline and the signal of a call. */
  async function loadFor(call) {
    try {
      await call.settle(ready());
    } catch (error) {
      if (call.interruption === "aborted") throw abortError(call.reason);
      if (call.interruption !== "timeout") throw error;
      giveUp();
      const message = "The package's WebAssembly did not load in time; raise `timeout`, or call init() first";
      throw createError("timeout", message, { retryable: true });
    }
  }

  /** Calls a function of the WebAssembly, which is loaded if it is not yet. */
  async function run(call, name, ...args) {
    try {
      if (!instance) await loadFor(call);
      if (instance.broken) instance = createInstance(instance.module);
      return await instance.call(name, ...args);
    } catch (error) {
      throw toError(error);
    } finally {
      call.end();
    }
  }

  async function init(wasm) {
    if (wasm !== undefined && typeof wasm !== "string" && Object(wasm) !== wasm) {
      const message = "`wasm` must be a compiled module, its bytes, its URL, or a Response; leave it out to load the package's own";
      throw createError("argument", message);
    }
    if (instance) return;
    if (wasm === undefined) return ready();
    initLoad = load([() => wasm]);
    instance = await initLoad;
  }

  return { init, run };
}
