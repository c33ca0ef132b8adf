import * as call from "./call.js";
import createGlue from "./glue.js";

/**
 * A running instance of the compiled module, which lasts until a trap: what a trap leaves behind in its memory cannot be
 * trusted, so the calls on it fail with the trap, nothing of it runs any more, and it is `broken`.
 */
export function createInstance(module) {
  const pending = new Set();
  const instance = { module, broken: false, call: callFunction };

  function trapped(cause) {
    instance.broken = true;
    for (const reject of pending) reject(cause);
  }

  const glue = createGlue({
    call,
    // Rust's futures run here, where no caller would see a trap: its call would never settle, and Node would exit.
    // Not in the global queueMicrotask, which test runners fake.
    queueMicrotask(task) {
      Promise.resolve().then(() => instance.broken || task()).catch(trapped);
    },
    // The module is compiled, but perhaps in another realm, as in Next.js's edge runtime: `instanceof` would not know it.
    WebAssembly: { Instance: WebAssembly.Instance, Module: { [Symbol.hasInstance]: () => true } },
  });
  glue.initSync({ module });

  function callFunction(name, ...args) {
    let settle;
    return new Promise((resolve, reject) => {
      pending.add((settle = reject));
      try {
        // By `then`: a promise that is resolved with another one can no longer be rejected.
        Promise.resolve(glue[name](...args)).then(resolve, reject);
      } catch (cause) {
        // An error of Rust has a code.
        if (cause?.code) reject(cause);
        else trapped(cause);
      }
    }).finally(() => pending.delete(settle));
  }

  return instance;
}
