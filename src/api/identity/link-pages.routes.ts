import { readFile } from 'node:fs/promises';
import { Hono } from 'hono';
import type { AppEnv } from '../http/context.js';

const pages = new URL('./pages/', import.meta.url);
const NAMES = ['reset-password', 'confirm-email'] as const;

/** The pages that the links in mails open. */
export function linkPageRoutes(): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  for (const name of NAMES) {
    routes.get(`/${name}`, async (context) => context.html(await readFile(new URL(`${name}.html`, pages), 'utf8')));
    routes.get(`/${name}.js`, async (context) =>
      context.body(await readFile(new URL(`${name}.js`, pages), 'utf8'), 200, {
        'Content-Type': 'text/javascript; charset=utf-8',
      }),
    );
  }
  return routes;
}
