import { readFile } from 'node:fs/promises';
import { Hono } from 'hono';
import type { AppEnv } from '../http/context.js';

const pages = new URL('./pages/', import.meta.url);

/** The page that the link of a reset mail opens. */
export function resetPageRoutes(): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.get('/reset-password', async (context) =>
    context.html(await readFile(new URL('reset-password.html', pages), 'utf8')),
  );
  routes.get('/reset-password.js', async (context) =>
    context.body(await readFile(new URL('reset-password.js', pages), 'utf8'), 200, {
      'Content-Type': 'text/javascript; charset=utf-8',
    }),
  );
  return routes;
}
