// Measuring one thing against another: in pairs, of which every second one is turned around.

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The samples that each of these functions gives, in as many rounds. */
export async function alternate(rounds, ...measures) {
  const samples = measures.map(() => []);
  const order = [...measures.keys()];
  for (let round = 0; round < rounds; round += 1) {
    for (const i of order) samples[i].push(await measures[i]());
    order.reverse();
  }
  return samples;
}

/** How samples are to those of a base: the ratio of medians of each few pairs, since a machine slows down for a while. */
export function ratioTo(base, samples, few = 6) {
  const ratios = [];
  for (let i = 0; i < base.length; i += few) ratios.push(median(samples.slice(i, i + few)) / median(base.slice(i, i + few)));
  return median(ratios);
}
