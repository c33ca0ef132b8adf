/** The most that a page may load, in bytes by brotli: usage.wasm and the JavaScript together. */
export const BUDGET = 59_500;
