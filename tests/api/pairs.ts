export interface Comparison {
  /** in how many of the pairs the first kind took longer */
  slower: number;
  /** milliseconds that a request of either kind took, in the middle */
  medians: [number, number];
}

/**
 * Times two kinds of requests in pairs, the first one first in every second of them. If neither kind is the longer one by
 * nature, which of a pair takes longer falls like a coin, on a busy machine as well.
 */
export async function comparePairs(
  pairs: number,
  one: () => Promise<unknown>,
  other: () => Promise<unknown>,
): Promise<Comparison> {
  const times: [number[], number[]] = [[], []];
  const timed = async (kind: 0 | 1) => {
    const startedAt = performance.now();
    await (kind === 0 ? one : other)();
    times[kind].push(performance.now() - startedAt);
  };
  for (let pair = 0; pair < pairs; pair++) {
    const first = pair % 2 === 0 ? 0 : 1;
    await timed(first);
    await timed(first === 0 ? 1 : 0);
  }
  const slower = times[0].filter((time, pair) => time > (times[1][pair] ?? 0)).length;
  return { slower, medians: [median(times[0]), median(times[1])] };
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}
