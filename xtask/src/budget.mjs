/**
 * The most that a page may load, in bytes by brotli: usage.wasm and the JavaScript together. A change of the source also changes the
 * order of functions, and so the sum by up to 150 bytes.
 */
export const BUDGET = 60_300;
