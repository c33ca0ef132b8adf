/** The summary in OpenMetrics 1.0.0, for Prometheus. An absent value has no sample, because 0 would be a value. */
import { summarize } from "thousandeyes-usage";

/** The field of a meter's summary, the metric's name after the prefix, its unit, and its help text. */
const METER_GAUGES = [
  ["used", "used", "", "Used so far in the billing period."],
  ["projected", "projected", "", "Estimated use at the end of the billing period."],
  ["included", "included", "", "Included in the plan per billing period."],
  ["nextPeriod", "next_period", "", "Estimated use of the next billing period."],
  ["utilisation", "utilisation_ratio", "ratio", "Used divided by included."],
  ["projectedUtilisation", "projected_utilisation_ratio", "ratio", "Projected divided by included."],
  ["overage", "overage", "", "Used beyond what is included."],
  ["projectedOverage", "projected_overage", "", "Projected beyond what is included."],
  ["runRatePerDay", "run_rate_per_day", "", "Average use per day of the period so far."],
  ["exhaustsAt", "exhausts_timestamp_seconds", "seconds", "When the run rate exhausts what is included, if within this period."],
];

const seconds = (time) => (typeof time === "string" ? Date.parse(time) / 1000 : time);

/**
 * @param {import("thousandeyes-usage").Usage} usage
 * @param {number} storedAt when the API sent it: the time that its numbers refer to
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
  gauge("period_start_timestamp_seconds", "seconds", "Start of the billing period.", [["", seconds(period.start)]]);
  gauge("period_end_timestamp_seconds", "seconds", "End of the billing period.", [["", seconds(period.end)]]);
  gauge("period_elapsed_ratio", "ratio", "Elapsed share of the billing period.", [["", period.elapsed]]);
  gauge("data_age_seconds", "seconds", "Seconds since the API sent the numbers.", [["", Math.max(0, now - storedAt) / 1000]]);
  return `${lines.join("\n")}\n# EOF\n`;
}
