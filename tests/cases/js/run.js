// Loads the files of the cases one at a time. Chromium would load static imports over six connections, and the server of
// wasm-bindgen's test runner sometimes serves only four of them. The page would then never finish loading.

/** Runs the cases of a file, with the exports of the crate, and the fixtures: that of the usage first. */
export async function run(file, exports, fixtures) {
  const failed = [];
  for (const [name, runCase] of Object.entries(await import(`./${file}.js`))) {
    // Without a timer, Node would exit while a case never ends.
    let timer;
    const late = new Promise((_, reject) => (timer = setTimeout(reject, 60_000, new Error("it never ends"))));
    await Promise.race([runCase(exports, ...fixtures), late]).catch((error) => failed.push(`${name}: ${error.stack}`));
    clearTimeout(timer);
  }
  if (failed.length > 0) throw new Error(failed.join("\n"));
}
