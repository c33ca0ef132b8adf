// A Worker that starts another Worker in a new isolate.
import worker from "worker.txt";
import wasm from "wasm.data";

export default {
  fetch(request, { API, LOADER }) {
    if (new URL(request.url).pathname === "/ready") return new Response("host");
    const loaded = LOADER.get("worker", () => ({
      compatibilityDate: "2026-04-01",
      mainModule: "worker.js",
      modules: { "worker.js": worker, ...(wasm.byteLength > 0 && { "usage.wasm": { wasm } }) },
      env: { API },
    }));
    return loaded.getEntrypoint().fetch(request);
  },
};
