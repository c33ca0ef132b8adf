// A Worker that has the runtime make a new isolate for another one.
import worker from "worker.txt";
import wasm from "wasm.data";

export default {
  fetch(request, { API, LOADER }) {
    if (new URL(request.url).pathname === "/ready") return new Response("host");
    const made = LOADER.get("worker", () => ({
      compatibilityDate: "2026-04-01",
      mainModule: "worker.js",
      modules: { "worker.js": worker, ...(wasm.byteLength > 0 && { "usage.wasm": { wasm } }) },
      env: { API },
    }));
    return made.getEntrypoint().fetch(request);
  },
};
