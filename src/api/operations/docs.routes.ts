import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Hono } from 'hono';
import type { AppEnv } from '../http/context.js';

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Arbion API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css">
    <link rel="icon" href="/docs/favicon-32x32.png">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;
const START = "SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true });\n";

/** The files of swagger-ui-dist that the page uses, served from the package, not from another site. */
const FILES = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
} as const;
const packageDirectory = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** The documentation page; works without internet. */
export function docsRoutes(): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.get('/docs', (context) => context.html(PAGE));
  routes.get('/docs/start.js', (context) =>
    context.body(START, 200, { 'Content-Type': 'text/javascript; charset=utf-8' }),
  );
  for (const [name, contentType] of Object.entries(FILES)) {
    routes.get(`/docs/${name}`, async (context) => {
      const file = await readFile(join(packageDirectory, name));
      return context.body(new Uint8Array(file), 200, {
        'Content-Type': contentType,
        'Cache-Control': 'public, max-age=3600',
      });
    });
  }
  return routes;
}
