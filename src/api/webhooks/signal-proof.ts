import type { Context, MiddlewareHandler } from 'hono';
import type { SignalProof } from '../../auth/webhooks.js';
import { ArbionError } from '../../domain/errors.js';
import type { ApiDependencies } from '../dependencies.js';
import type { AppEnv } from '../http/context.js';
import { jsonBytes, parseStrictJson } from '../http/json-body.js';
import { enforceWebhookLimit } from '../http/rate-limit.js';

type Dependencies = Pick<ApiDependencies, 'webhooks' | 'rateLimiter' | 'settings'>;

/**
 * Lets authentic signals through and sets their webhook. A signature covers the bytes as sent, so it is checked before they
 * are parsed as JSON; without a signature, the JSON must contain the secret. The answer to a wrong proof is always the same,
 * whatever is wrong with it and whether or not the webhook exists.
 */
export function signalOfWebhook({ webhooks, rateLimiter, settings }: Dependencies): MiddlewareHandler<AppEnv> {
  return async (context, next) => {
    const body = await jsonBytes(context);
    const webhook = await webhooks.authenticate(context.req.param('id') ?? '', proofIn(context, body));
    if (!webhook)
      throw new ArbionError(
        'unauthenticated',
        'The signal could not be authenticated.',
        'Check the webhook id and secret; see docs/webhooks.md.',
      );
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

/** Empty when there is none; no webhook has an empty secret. */
function secretIn(body: ArrayBuffer): string {
  const value = parseStrictJson(body);
  if (typeof value !== 'object' || value === null || !('secret' in value)) return '';
  return typeof value.secret === 'string' ? value.secret : '';
}
