/** Passes a request on to Temporal's console, and its answer back: without anybody's credentials, and under our policy. */
import { createHash, randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import { proxy } from 'hono/proxy';
import { z } from 'zod';
import { ArbionError, DependencyUnavailable } from '../../domain/errors.js';
import type { ApiSettings } from '../dependencies.js';
import type { AppEnv } from '../http/context.js';

const PREFIX = '/temporal/';
/** What the console has to know of a request; above all no cookie and no Authorization. */
const PASSED_ON = ['accept', 'accept-language', 'content-type', 'if-none-match', 'range'];
/** What the browser has to know of an answer. The policies are ours, and the console sets no cookies here. */
const PASSED_BACK = ['content-type', 'etag', 'content-range', 'accept-ranges'];
/** The history of a trade is asked for with an open end, until something happens. */
const TIMEOUT_MS = 90_000;

type Settings = Pick<ApiSettings, 'publicUrl' | 'temporalUiUrl'>;

export async function passOn(context: Context<AppEnv>, { publicUrl, temporalUiUrl }: Settings): Promise<Response> {
  if (temporalUiUrl === undefined) {
    throw new ArbionError('not-found', 'There is no console here.', 'Set TEMPORAL_UI_URL to where it is.');
  }
  const { pathname, search } = new URL(context.req.url);
  const answer = await ask(context, `${temporalUiUrl}${pathOfConsole(pathname)}${search}`);
  const headers = new Headers(PASSED_BACK.flatMap((name) => pair(name, answer.headers.get(name))));
  // Their names change with their content.
  if (pathname.startsWith(`${PREFIX}_app/immutable/`) && answer.ok) {
    headers.set('Cache-Control', 'private, max-age=31536000, immutable');
  }
  if (pathname === `${PREFIX}api/v1/settings` && answer.ok) {
    return Response.json(settingsShown(await answer.json(), publicUrl));
  }
  if (!headers.get('content-type')?.startsWith('text/html')) {
    return new Response(answer.body, { status: answer.status, headers });
  }
  const isRendered = pathname === `${PREFIX}render`;
  context.set(
    'policy',
    isRendered ? RENDERED_POLICY : pagePolicy(publicUrl, await inlineScripts(context, temporalUiUrl)),
  );
  return new Response(answer.body, { status: answer.status, headers });
}

const INLINE_SCRIPT = /<script>([\s\S]*?)<\/script>/g;

/** Those of the console's first page, never of the page that is asked for: that may show a text out of its address. */
async function inlineScripts(context: Context<AppEnv>, temporalUiUrl: string): Promise<string[]> {
  const page = await (await ask(context, `${temporalUiUrl}${PREFIX}`, 'GET')).text();
  return [...page.matchAll(INLINE_SCRIPT)].map(([, script = '']) => script);
}

async function ask(context: Context<AppEnv>, url: string, method = context.req.method): Promise<Response> {
  const { raw } = context.req;
  // Its defence against other sites, which is ours to pass here: the same random text in a cookie and a header.
  const token = randomBytes(16).toString('hex');
  const headers = Object.fromEntries(PASSED_ON.flatMap((name) => pair(name, context.req.header(name))));
  const body = method === 'POST' ? { body: await context.req.arrayBuffer() } : {};
  try {
    return await proxy(url, {
      method,
      headers: { ...headers, cookie: `_csrf=${token}`, 'x-csrf-token': token },
      ...body,
      redirect: 'manual',
      signal: AbortSignal.any([raw.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
  } catch (error) {
    // The page was left: nobody reads this answer.
    if (raw.signal.aborted) return new Response(null, { status: 499 });
    throw new DependencyUnavailable('temporal', { cause: error });
  }
}

/** The console looks for the page of rendered texts below its public path twice. */
function pathOfConsole(path: string): string {
  return path === `${PREFIX}render` ? `${PREFIX}temporal/render` : path;
}

function pair(name: string, value: string | null | undefined): [string, string][] {
  return value === null || value === undefined ? [] : [[name, value]];
}

const settingsAnswer = z.record(z.string(), z.unknown());

/** Payloads are decrypted by our codec with the reader's session, and what is refused here is not offered. */
function settingsShown(settings: unknown, publicUrl: string): Record<string, unknown> {
  return {
    ...settingsAnswer.parse(settings),
    Codec: { Endpoint: `${publicUrl}/codec`, PassAccessToken: false, IncludeCredentials: true },
    WorkflowTerminateDisabled: true,
    WorkflowResetDisabled: true,
    WorkflowUpdateDisabled: true,
    StartWorkflowDisabled: true,
    BatchActionsDisabled: true,
    ActivityCommandsDisabled: true,
  };
}

/** The console's own scripts, by name and by content; calls to the console and the codec only. */
function pagePolicy(publicUrl: string, inlineScripts: readonly string[]): string {
  const console = `${publicUrl}${PREFIX}`;
  const inline = inlineScripts.map((script) => `'sha256-${sha256(script)}'`);
  return [
    "default-src 'none'",
    ['script-src', `${console}_app/`, ...inline].join(' '),
    `worker-src ${console}_app/`,
    `style-src ${console} 'unsafe-inline'`,
    `img-src ${console} data:`,
    `font-src ${console} data:`,
    `media-src ${console}`,
    `manifest-src ${console}`,
    `connect-src ${console} ${publicUrl}/codec/`,
    `frame-src ${console}render`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** A text of a workflow, which the console shows in a frame: no script of any kind. */
const RENDERED_POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
  'sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox',
].join('; ');

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
