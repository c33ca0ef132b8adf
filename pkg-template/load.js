import { createError } from "./create-error.js";
import { createInstance } from "./instance.js";

// The compiled module of whatever init() accepts, its URL already fetched.
async function compile(wasm) {
  // By its members, as below by its tag: a sandbox may pass a value of another realm, or have no Response.
  if (wasm?.headers) {
    if (!wasm.ok) throw new Error(`${wasm.url || "The Response"} has the status ${wasm.status}`);
    // The streaming compiler rejects any other type, under which a plain server may send wasm all the same.
    if (wasm.headers.get("content-type") === "application/wasm") return WebAssembly.compileStreaming(wasm);
    wasm = await wasm.arrayBuffer();
  }
  return Object.prototype.toString.call(wasm) === "[object WebAssembly.Module]" ? wasm : WebAssembly.compile(wasm);
}

// What is thrown where even a module of only its header is rejected.
function banOnCompiling() {
  try {
    new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  } catch (cause) {
    return cause;
  }
}

function loadError(cause, ban, retryable) {
  // Under the same ban, a compiled module of another version fails to link.
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
 * @param sources functions that return anything init() accepts, tried in turn: the places where a runtime may have it
 * @param read fetches a URL, until its signal aborts
 */
export function createLoader(sources, read = (url, signal) => fetch(url, { signal })) {
  let instance;
  // What init() was given, and the package's own, while they load.
  let given;
  let own;
  // Aborts the fetch of the package's own.
  let controller;

  async function load(sources, signal) {
    let error;
    for (const source of sources) {
      let fetching = false;
      try {
        let wasm = await source();
        fetching = typeof wasm === "string" || wasm instanceof URL;
        if (fetching) wasm = await read(wasm, signal);
        fetching = false;
        return createInstance(await compile(wasm));
      } catch (cause) {
        // A fetch that fails is a TypeError: like one that stalls, it may succeed later.
        const ban = banOnCompiling();
        error ??= loadError(cause, ban, signal?.aborted || (fetching && cause instanceof TypeError));
        if (ban) break;
      }
    }
    throw error;
  }

  async function ready() {
    // The caller of init() gets its error; a call goes on with the package's own.
    await given?.catch(() => {});
    if (instance) return;
    if (!own) {
      controller = new AbortController();
      const loading = load(sources, controller.signal).finally(() => own === loading && (own = undefined));
      own = loading;
    }
    const loaded = await own;
    instance ??= loaded;
  }

  // The deadline of a call passed during the load. A stalled source gives way to the next one, the last one to a new start.
  function giveUp() {
    given = undefined;
    if (controller?.signal.aborted) own = undefined;
    controller?.abort();
  }

  /** Calls a function of the WebAssembly, with the deadline and the signal of the call while it loads. */
  async function run(call, name, ...args) {
    if (!instance) {
      await call.settle(ready()).catch((error) => {
        if (call.interruption === "aborted") {
          throw createError("aborted", "The call was aborted by its signal", { cause: call.reason });
        }
        if (call.interruption !== "timeout") throw error;
        giveUp();
        const message = "The package's WebAssembly did not load in time; raise `timeout`, or call init() first";
        throw createError("timeout", message, { retryable: true });
      });
    }
    if (instance.broken) instance = createInstance(instance.module);
    return instance.call(name, ...args);
  }

  async function init(wasm) {
    if (wasm !== undefined && typeof wasm !== "string" && Object(wasm) !== wasm) {
      const message = "`wasm` must be a compiled module, its bytes, its URL, or a Response; leave it out to load the package's own";
      throw createError("argument", message);
    }
    if (instance) return;
    if (wasm === undefined) return ready();
    given = load([() => wasm]);
    instance = await given;
  }

  return { init, run };
}
