// The gateway with a clock and a patience that a test can set, and with what it cannot see from outside. Its settings come
// by a path of their own, as no setting of the real gateway may do this.
import { createGateway } from "../../www/worker/gateway.js";

let offset = 0;
let patience = {};
let fault;
const seen = { begun: 0, aborted: 0, storeAsked: 0 };

const gateway = createGateway({
  now: () => Date.now() + offset,
  patience: {
    get alone() {
      return { timeout: 20_000, maxRetries: 0, ...patience };
    },
    get withStale() {
      return { timeout: 20_000, maxRetries: 0, ...patience };
    },
  },
});

export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname === "/test") {
      const { move = 0, queries = [], evict, ...rest } = await request.json();
      offset += move;
      patience = rest.patience ?? patience;
      fault = rest.fault ?? fault;
      // It takes the caller's promise with it.
      if (evict) await env.USAGE_STORE.getByName("test").evict().catch(() => {});
      // Each as if it came from another data centre.
      const outcomes = await Promise.all(queries.map((query) => env.USAGE_STORE.getByName("test").read(query)));
      return Response.json({ ...seen, outcomes: outcomes.map(({ answer, ...outcome }) => outcome) });
    }
    seen.begun += 1;
    request.signal.addEventListener("abort", () => (seen.aborted += 1));
    return gateway.handler.fetch(request, env, fault === "bug" ? undefined : ctx);
  },
};

export class UsageStore extends gateway.UsageStore {
  read(query) {
    seen.storeAsked += 1;
    if (fault === "fails") throw new Error("The store is broken.");
    if (fault === "is full") {
      this.ctx.storage.sql.exec(`CREATE TRIGGER IF NOT EXISTS full BEFORE INSERT ON answers WHEN new.part > 0
        BEGIN SELECT RAISE(ABORT, 'The store is full.'); END`);
    }
    return super.read(query);
  }

  evict() {
    this.ctx.abort();
  }
}
