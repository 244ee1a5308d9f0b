import type { Context } from 'hono';
import { ArbionError, MethodNotAllowed } from '../../domain/errors.js';
import type { AppEnv } from './context.js';
import { problemResponse } from './problems.js';

interface Route {
  path: string;
  method: string;
}

/** Answers requests that no route handles: 405 with Allow when the path has other methods, else 404. */
export function createNotFound(routes: readonly Route[]): (context: Context<AppEnv>) => Response {
  const methodsOf = createMethodIndex(routes);
  return (context) => {
    const allowed = methodsOf(context.req.path);
    if (context.req.method !== 'OPTIONS' || allowed.length === 0) {
      return problemResponse(context, unofferedMethod(context.req.method, allowed));
    }
    return context.body(null, 204, { Allow: allowed.join(', ') });
  };
}

/** The error for a method that a path does not have; a path without any method does not exist. */
export function unofferedMethod(method: string, allowed: readonly string[]): ArbionError {
  return allowed.length === 0
    ? new ArbionError('not-found', 'This path does not exist.')
    : new MethodNotAllowed(method, allowed);
}

/** The methods of a path; none when it does not exist. */
export function createMethodIndex(routes: readonly Route[]): (path: string) => string[] {
  const methods = new Map<string, Set<string>>();
  for (const { path, method } of routes) {
    if (method === 'ALL') continue;
    const known = methods.get(path) ?? new Set<string>();
    known.add(method);
    if (method === 'GET') known.add('HEAD');
    methods.set(path, known);
  }
  const patterns = [...methods].map(([path, known]) => ({ pattern: patternOf(path), known }));
  return (path) => [
    ...new Set(patterns.filter(({ pattern }) => pattern.test(path)).flatMap(({ known }) => [...known])),
  ];
}

function patternOf(path: string): RegExp {
  const escaped = path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/:[A-Za-z]+/g, '[^/]+')}$`);
}
