import { DependencyUnavailable } from '../domain/errors.js';

export interface TurnBounds {
  /** so many run together */
  atOnce: number;
  /** when more than this many wait, the next are asked to come again */
  waiting: number;
}

/** Runs work in turns, first come, first served. @throws DependencyUnavailable when too many wait */
export type Turns = <Result>(work: () => Promise<Result>) => Promise<Result>;

export function createTurns({ atOnce, waiting }: TurnBounds): Turns {
  const queue: (() => void)[] = [];
  let running = 0;

  return async (work) => {
    if (running >= atOnce) {
      if (queue.length >= waiting) throw new DependencyUnavailable('password hashing');
      await new Promise<void>((proceed) => queue.push(proceed));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
