import createGlue from "./glue.js";

/**
 * A running instance of the compiled module, which lasts until a trap: the memory that a trap leaves behind cannot be
 * trusted, so the calls on it fail with the trap, and it is `broken`.
 */
export function createInstance(module) {
  const pending = new Set();
  const instance = { module, broken: false, call };

  function trapped(cause) {
    instance.broken = true;
    for (const reject of pending) reject(cause);
  }

  // Rust's futures run in microtasks, where no caller would see a trap: its call would never settle, and Node would exit.
  const guarded = (task) => queueMicrotask(() => {
    try {
      task();
    } catch (cause) {
      trapped(cause);
    }
  });
  // The module is compiled, but perhaps in another realm, as in Next.js's edge runtime: the glue's `instanceof` would fail.
  const Module = { [Symbol.hasInstance]: () => true };
  const glue = createGlue(guarded, { Instance: WebAssembly.Instance, Module });
  glue.initSync({ module });

  async function call(name, ...args) {
    let reject;
    const trap = new Promise((_, it) => (reject = it));
    pending.add(reject);
    try {
      return await Promise.race([glue[name](...args), trap]);
    } catch (failure) {
      // Rust itself tells the attempts of each failure.
      if (failure?.attempts === undefined) trapped(failure);
      throw failure;
    } finally {
      pending.delete(reject);
    }
  }

  return instance;
}
