/** What a person sees when the broker sends their browser back: a page, where programs get JSON. */
import type { Context, MiddlewareHandler } from 'hono';
import { html } from 'hono/html';
import { z } from 'zod';
import type { AppEnv } from '../http/context.js';

/** The routes that a broker sends browsers to. */
export const CALLBACK_PATH = '/api/v1/oauth/:broker/callback';

const connected = z.object({ broker: z.string(), accounts: z.array(z.object({ label: z.string() })) });
const problem = z.object({ detail: z.string(), whatToDo: z.string().optional(), instance: z.string() });

export const callbackPage: MiddlewareHandler<AppEnv> = async (context, next) => {
  await next();
  const asksForPage = context.req.header('accept')?.includes('text/html') ?? false;
  if (context.req.method !== 'GET' || !asksForPage) return;
  const { status } = context.res;
  const shown = pageOf(status, await context.res.json());
  // Headers that are set already, such as Retry-After, stay.
  context.res = await context.html(shown, status as Parameters<Context['html']>[1]);
};

function pageOf(status: number, answer: unknown) {
  if (status === 200) return connectedPage(connected.parse(answer));
  if (status === 401) return NOT_LOGGED_IN;
  const { detail, whatToDo = '', instance } = problem.parse(answer);
  return page('Not connected', html`<p>${detail}</p><p>${whatToDo}</p><p><small>Request ${instance}</small></p>`);
}

function connectedPage({ broker, accounts }: z.infer<typeof connected>) {
  const rows = accounts.map(({ label }) => html`<li>${label}</li>`);
  return page(`Connected: ${broker}`, html`<ul>${rows}</ul><p>You can close this page.</p>`);
}

/** The command line has a session of its own: it finishes the login with the address that it is given. */
const NOT_LOGGED_IN = page(
  'One more step',
  html`<p>Do you connect from the command line? Copy the address of this page, and paste it at the question in the terminal,
    within ten minutes.</p><p>Otherwise: this browser is not logged in to Arbion any more. Log in, and connect again.</p>`,
);

function page(title: string, content: ReturnType<typeof html>) {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title} – Arbion</title>
    <style>body { font: 16px/1.5 system-ui, sans-serif; max-width: 28rem; margin: 4rem auto; padding: 0 1rem; color: #1c2430; }</style>
  </head>
  <body>
    <h1>${title}</h1>
    ${content}
  </body>
</html>`;
}
