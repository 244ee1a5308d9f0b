import type { Context, MiddlewareHandler } from 'hono';
import type { SignalProof } from '../../auth/webhooks.js';
import { ArbionError } from '../../domain/errors.js';
import type { ApiDependencies } from '../dependencies.js';
import type { AppEnv } from '../http/context.js';
import { jsonBytes, parseStrictJson } from '../http/json-body.js';
import { enforceWebhookLimit } from '../http/rate-limit.js';

type Dependencies = Pick<ApiDependencies, 'webhooks' | 'rateLimiter' | 'settings'>;

/**
 * Lets through what a webhook's own sender sent, and says whose it is. A signature is of the bytes as they came, so it is
 * looked at before they are read as JSON; without one, only JSON can carry the secret. Whatever is wrong with a proof, and
 * for whichever webhook, the answer is the same.
 */
export function signalOfWebhook({ webhooks, rateLimiter, settings }: Dependencies): MiddlewareHandler<AppEnv> {
  return async (context, next) => {
    const body = await jsonBytes(context);
    const webhook = await webhooks.authenticate(context.req.param('id') ?? '', proofIn(context, body));
    if (!webhook) throw new ArbionError('unauthenticated', 'This is no signal of a webhook.', 'See docs/webhooks.md.');
    await enforceWebhookLimit(rateLimiter, settings.rateLimits, webhook.id);
    parseStrictJson(body);
    context.set('webhook', webhook);
    await next();
  };
}

function proofIn(context: Context<AppEnv>, body: ArrayBuffer): SignalProof {
  const header = (name: string) => context.req.header(name) ?? '';
  if (context.req.header('webhook-signature') === undefined) return { kind: 'secret_in_body', secret: secretIn(body) };
  const headers = {
    'webhook-id': header('webhook-id'),
    'webhook-timestamp': header('webhook-timestamp'),
    'webhook-signature': header('webhook-signature'),
  };
  return { kind: 'signed', headers, body: Buffer.from(body) };
}

/** Empty when there is none, which is no webhook's. */
function secretIn(body: ArrayBuffer): string {
  const value = parseStrictJson(body);
  if (typeof value !== 'object' || value === null || !('secret' in value)) return '';
  return typeof value.secret === 'string' ? value.secret : '';
}
