import type {} from "./index.cjs";

/** The compiled module, where the bundler gives one: pass it to `init`. Elsewhere it is a file to serve. */
declare const module: WebAssembly.Module;
export = module;
