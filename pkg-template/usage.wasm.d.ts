import type {} from "./index.cjs";

/** The compiled module, where the runtime imports one: pass it to `init`. Elsewhere it is a file to serve. */
declare const module: WebAssembly.Module;
export default module;
