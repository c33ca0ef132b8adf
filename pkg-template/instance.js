import * as call from "./call.js";
import createGlue from "./glue.js";

/**
 * A running instance of the compiled module. After a trap its memory cannot be trusted. So its calls reject with the trap, its code
 * does not run any more, and it is `broken`.
 */
export function createInstance(module) {
  const microtask = Promise.resolve();
  const pending = new Set();
  const instance = { module, broken: false, call: callFunction };

  function trapped(cause) {
    instance.broken = true;
    for (const reject of pending) reject(cause);
    pending.clear();
  }

  const glue = createGlue({
    call,
    // Rust's futures run here, where no caller would see a trap: its call would never settle, and Node would exit.
    // Not in the global queueMicrotask, which test runners fake.
    queueMicrotask(task) {
      microtask.then(() => {
        try {
          if (!instance.broken) task();
        } catch (cause) {
          trapped(cause);
        }
      });
    },
    // Rust drops its closures itself: to register each one would only take time.
    FinalizationRegistry: undefined,
    // The module is compiled, but perhaps in another realm, as in Next.js's edge runtime: `instanceof` would not know it.
    WebAssembly: { Instance: WebAssembly.Instance, Module: { [Symbol.hasInstance]: () => true } },
  });
  glue.initSync({ module });

  function callFunction(name, ...args) {
    return new Promise((resolve, reject) => {
      pending.add(reject);
      const settle = (how) => (value) => {
        pending.delete(reject);
        how(value);
      };
      try {
        // By `then`: a promise that is resolved with another one can no longer be rejected.
        Promise.resolve(glue[name](...args)).then(settle(resolve), settle(reject));
      } catch (cause) {
        // An error of Rust has a code.
        if (cause?.code) settle(reject)(cause);
        else trapped(cause);
      }
    });
  }

  return instance;
}
