// The gateway with a clock, limits and failures that a test sets, and counters that cannot be read from outside. A test uses the
// path /test for this, because no setting of the real gateway may do it.
import { createGateway } from "../../www/worker/gateway.js";

let offset = 0;
let failure;
const counts = { requests: 0, aborted: 0, storeReads: 0, alertRuns: 0 };
const limits = {};
function setLimits({ postMs = 10_000, readMs = 8_000, storedBytes = 2 ** 28, ...call } = {}) {
  Object.assign(limits, { postMs, readMs, storedBytes, call: { timeout: 20_000, maxRetries: 0, ...call } });
}
setLimits();

const gateway = createGateway({ now: () => Date.now() + offset, limits });

async function control(env, { advance = 0, queries = [], evict, alarm, ...settings }) {
  const store = env.USAGE_STORE.getByName("test");
  offset += advance;
  if (settings.limits) setLimits(settings.limits);
  failure = settings.failure ?? failure;
  // An evicted object rejects the call that evicts it.
  if (evict) await store.evict().catch(() => {});
  // Each query is like one from another data centre.
  const outcomes = await Promise.all(queries.map((query) => store.read(query)));
  const keys = alarm && (await store.runAlarm());
  return { ...counts, keys, outcomes: outcomes.map(({ stored, ...outcome }) => outcome) };
}

export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname === "/test") return Response.json(await control(env, await request.json()));
    counts.requests += 1;
    request.signal.addEventListener("abort", () => (counts.aborted += 1));
    return gateway.handler.fetch(request, env, failure === "bug" ? undefined : ctx);
  },
  scheduled: gateway.handler.scheduled,
};

export class UsageStore extends gateway.UsageStore {
  read(...args) {
    counts.storeReads += 1;
    if (failure === "store fails") throw new Error("The store is broken.");
    if (failure === "store is full") {
      this.ctx.storage.sql.exec(`CREATE TRIGGER IF NOT EXISTS full BEFORE INSERT ON bodies WHEN new.part > 0
        BEGIN SELECT RAISE(ABORT, 'The store is full.'); END`);
    }
    return super.read(...args);
  }

  postAlerts() {
    counts.alertRuns += 1;
    return super.postAlerts();
  }

  runAlarm() {
    super.alarm();
    return this.ctx.storage.sql.exec("SELECT key FROM bodies").toArray().map(({ key }) => key);
  }

  evict() {
    this.ctx.abort();
  }
}
