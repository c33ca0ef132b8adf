// Compares measurements that are taken in pairs. The order alternates from pair to pair.

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The samples of each function, one for each round. */
export async function alternate(rounds, ...measures) {
  const samples = measures.map(() => []);
  const order = [...measures.keys()];
  for (let round = 0; round < rounds; round += 1) {
    for (const i of order) samples[i].push(await measures[i]());
    order.reverse();
  }
  return samples;
}

/** The ratio of samples to those of a base. Each ratio is of a few pairs, because a machine may be slow for a while. */
export function ratioTo(base, samples, few = 6) {
  const ratios = [];
  for (let i = 0; i < base.length; i += few) ratios.push(median(samples.slice(i, i + few)) / median(base.slice(i, i + few)));
  return median(ratios);
}
