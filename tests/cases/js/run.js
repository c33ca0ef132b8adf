// Loads the files of the cases one at a time. Chromium would load static imports over six connections, and the server of
// wasm-bindgen's test runner sometimes serves only four of them. The page would then never finish loading.

/** Runs a case of a file, with the exports of the crate, and the fixtures: that of the usage first. */
export async function run(file, name, exports, fixtures) {
  const cases = await import(`./${file}.js`);
  await cases[name](exports, ...fixtures);
}

export { restoreGlobalFetch, useGlobalFetch } from "./assert.js";
