import type { MiddlewareHandler } from 'hono';
import { DependencyUnavailable } from '../../domain/errors.js';
import type { AppEnv } from '../context.js';

/** Lets so many in at once. The others are told to come back before anything is read, parsed or looked up for them. */
export function atOnce(most: number, scarce: DependencyUnavailable['dependency']): MiddlewareHandler<AppEnv> {
  let inside = 0;
  return async (_context, next) => {
    if (inside >= most) throw new DependencyUnavailable(scarce);
    inside += 1;
    try {
      await next();
    } finally {
      inside -= 1;
    }
  };
}
