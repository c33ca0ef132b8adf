/** OpenMetrics (version 1.0.0) of the summary, for Prometheus. What the data lacks has no sample: 0 would be a number. */
import { summarize } from "thousandeyes-usage";

/** The field of a meter's summary, the metric's name after the prefix, its unit, what it means. */
const METER_GAUGES = [
  ["used", "used", "", "What is used so far in the billing period."],
  ["projected", "projected", "", "What the billing period is estimated to end with."],
  ["included", "included", "", "What the plan includes in a billing period."],
  ["nextPeriod", "next_period", "", "What the next billing period is estimated to take."],
  ["utilisation", "utilisation_ratio", "ratio", "Used as a share of what is included."],
  ["projectedUtilisation", "projected_utilisation_ratio", "ratio", "Projected as a share of what is included."],
  ["overage", "overage", "", "What is used beyond what is included."],
  ["projectedOverage", "projected_overage", "", "What is projected beyond what is included."],
  ["runRatePerDay", "run_rate_per_day", "", "What has been used a day, on the average of the period so far."],
  ["exhaustsAt", "exhausts_timestamp_seconds", "seconds", "When the run rate uses up what is included, if in this period."],
];

const seconds = (time) => (typeof time === "string" ? Date.parse(time) / 1000 : time);

/**
 * @param {import("thousandeyes-usage").Usage} usage
 * @param {number} storedAt when it came from the API, to which its numbers refer
 * @param {number} now
 */
export async function metricsOf(usage, storedAt, now) {
  const { period, meters } = await summarize(usage, new Date(storedAt));
  const lines = [];
  const gauge = (name, unit, help, samples) => {
    const metric = `thousandeyes_usage_${name}`;
    const numbers = samples.filter(([, value]) => Number.isFinite(value));
    if (numbers.length === 0) return;
    lines.push(`# HELP ${metric} ${help}`, `# TYPE ${metric} gauge`);
    if (unit) lines.push(`# UNIT ${metric} ${unit}`);
    for (const [labels, value] of numbers) lines.push(`${metric}${labels} ${value}`);
  };

  for (const [field, name, unit, help] of METER_GAUGES) {
    gauge(name, unit, help, meters.map((meter) => [`{meter="${meter.meter}"}`, seconds(meter[field])]));
  }
  gauge("period_start_timestamp_seconds", "seconds", "When the billing period began.", [["", seconds(period.start)]]);
  gauge("period_end_timestamp_seconds", "seconds", "When the billing period ends.", [["", seconds(period.end)]]);
  gauge("period_elapsed_ratio", "ratio", "The share of the billing period that has passed.", [["", period.elapsed]]);
  gauge("data_age_seconds", "seconds", "How long ago the numbers came from the API.", [["", Math.max(0, now - storedAt) / 1000]]);
  return `${lines.join("\n")}\n# EOF\n`;
}
