import type {} from "./index.cjs";

/** Compiled module, in a runtime that imports one: pass it to `init`. In any other runtime, `usage.wasm` is a file to serve. */
declare const module: WebAssembly.Module;
export default module;
