// The gateway with a clock and a patience that a test can set, and with what it cannot see from outside. Its settings come
// by a path of their own, as no setting of the real gateway may do this.
import { createGateway } from "../../www/worker/gateway.js";

let offset = 0;
let patience = {};
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
      const { move = 0, queries = [], ...rest } = await request.json();
      offset += move;
      patience = rest.patience ?? patience;
      // Each as if it came from another data centre.
      const outcomes = await Promise.all(queries.map((query) => env.USAGE_STORE.getByName("test").read(query)));
      return Response.json({ ...seen, outcomes: outcomes.map(({ answer, ...outcome }) => outcome) });
    }
    seen.begun += 1;
    request.signal.addEventListener("abort", () => (seen.aborted += 1));
    return gateway.handler.fetch(request, env, ctx);
  },
};

export class UsageStore extends gateway.UsageStore {
  read(query) {
    seen.storeAsked += 1;
    return super.read(query);
  }
}
