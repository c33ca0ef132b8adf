/** Which alerts are posted, their text, and the post to the webhook. */
import { byDanger, forecast, level, METERS } from "../forecast.js";
import { number, period as periodText } from "../format.js";

const SOON_MS = 3 * 86_400_000;
const DANGER_ENDED = "no longer in danger";

/** The kinds of danger, the most urgent first, and the field without which a kind is unknown. A meter may have several kinds. */
const KINDS = [
  { kind: "over", field: "overage", words: "over the quota", applies: ({ overage }) => overage > 0 },
  {
    kind: "used-up-soon",
    field: "runRatePerDay",
    words: "will be used up within three days",
    applies: ({ exhaustsAt }, at) => Date.parse(exhaustsAt) - at < SOON_MS,
  },
  {
    kind: "projected-over",
    field: "projectedOverage",
    words: "projected to go over the quota",
    applies: ({ projectedOverage }) => projectedOverage > 0,
  },
];

/**
 * The alerts that were posted in a billing period. `included` is the quota that they were about. `inDanger` is false once the end
 * of the danger was posted.
 *
 * @typedef {{ included: number, kinds: string[], inDanger: boolean }} PostedMeter
 * @typedef {{ period: string, meters: Record<string, PostedMeter> }} PostedAlerts
 */

/**
 * The text to post, and the alerts that are posted once it is. Each kind is posted once per meter, billing period and quota. It is
 * not posted again if the danger ends and returns: an estimate near the quota would cause a post every few hours. A quota that was
 * changed is a new one.
 *
 * @param {import("thousandeyes-usage").Summary} summary
 * @param {number} at the time of the summary
 * @param {PostedAlerts} [before]
 * @returns {{ text?: string, postedAlerts: PostedAlerts }}
 */
export function alertsOf({ period, meters }, at, before) {
  // Without a start, the calendar month is the period. Otherwise no kind would ever be posted a second time.
  const start = period.start ?? new Date(at).toISOString().slice(0, "2026-11".length);
  const postedAlerts = { period: start, meters: before?.period === start ? { ...before.meters } : {} };
  const lines = [];
  for (const meter of byDanger(meters)) {
    if (level(meter) === "no-limit") continue;
    const { included } = meter;
    const last = postedAlerts.meters[meter.meter];
    const postedKinds = last?.included === included ? last.kinds : [];
    const current = KINDS.filter(({ applies }) => applies(meter, at));
    const news = current.find(({ kind }) => !postedKinds.includes(kind));
    const isKnown = KINDS.every(({ kind, field }) => !last?.kinds.includes(kind) || meter[field] !== undefined);
    const hasEnded = last?.inDanger && current.length === 0 && isKnown;
    if (!news && !hasEnded) continue;
    lines.push(line(meter, news?.words ?? DANGER_ENDED));
    const kinds = [...new Set([...postedKinds, ...current.map(({ kind }) => kind)])];
    postedAlerts.meters[meter.meter] = { included, kinds, inDanger: news !== undefined };
  }
  if (lines.length === 0) return { postedAlerts };
  const text = escape([`ThousandEyes usage, ${periodText(period.start, period.end)}`, ...lines].join("\n"));
  return { text, postedAlerts };
}

function line(meter, words) {
  const { title, noun } = METERS[meter.meter];
  const { used, included } = meter;
  const share = used === undefined ? `${number(included)} ${noun} included` : `${number(used)} of ${number(included)} ${noun} used`;
  return `• *${title}: ${words}.* ${share}. ${forecast(meter, number).join("")}`;
}

/** Slack reads these characters as markup. The API's dates are in the text as they are if they are malformed. */
const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/**
 * Posts a text in the form of Slack's incoming webhooks.
 *
 * @returns {Promise<string | undefined>} why the webhook did not accept it. It has nothing of the error or the response, which may
 *   contain the URL.
 */
export async function postText(url, text, timeoutMs) {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text }),
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel();
    return response.ok ? undefined : `The webhook's response has the status ${response.status}.`;
  } catch (error) {
    return error.name === "TimeoutError" ? "The webhook did not respond in time." : "The webhook could not be reached.";
  }
}
