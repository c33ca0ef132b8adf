import type {} from "./index.cjs";

/** Compiled module, with a bundler that provides one: pass it to `init`. Otherwise `usage.wasm` is a file to serve. */
declare const module: WebAssembly.Module;
export = module;
