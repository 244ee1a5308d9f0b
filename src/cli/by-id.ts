import { UsageProblem } from './context.js';

/** The only item whose id begins with `text`. @throws UsageProblem when it fits several, Error when it fits none */
export function byId<Item extends { id: string }>(items: readonly Item[], text: string): Item {
  const [match, ...others] = items.filter(({ id }) => id.startsWith(text.toLowerCase()));
  if (match === undefined) throw new Error(`There is none whose id begins with ${text}.`);
  if (others.length > 0) throw new UsageProblem(`${text} fits several; give more digits.`);
  return match;
}
