import type { Context, MiddlewareHandler } from 'hono';
import type { SignalProof, Webhook, Webhooks } from '../../auth/webhooks.js';
import { ArbionError } from '../../domain/errors.js';
import type { ApiDependencies } from '../dependencies.js';
import type { AppEnv } from '../http/context.js';
import { jsonBytes } from '../http/json-body.js';
import { enforceWebhookLimit } from '../http/rate-limit.js';
import { requireStrictJson } from '../http/strict-json.js';
import { createFailedSignals } from './failed-signals.js';

type Dependencies = Pick<ApiDependencies, 'webhooks' | 'rateLimiter' | 'settings'>;

/**
 * Lets authentic signals through and sets their webhook. Its body is checked before its proof, in a time that depends on
 * nothing but its length; what it says counts only once it is proven. The answer to a wrong proof is always the same,
 * whatever is wrong with it and whether or not the webhook exists.
 */
export function signalOfWebhook({ webhooks, rateLimiter, settings }: Dependencies): MiddlewareHandler<AppEnv> {
  const failures = createFailedSignals(rateLimiter, settings.rateLimits);
  return async (context, next) => {
    const sender = { address: context.var.clientAddress, webhookId: context.req.param('id') ?? '' };
    failures.requirePatience(sender);
    const webhook = await provenWebhook(context, webhooks).catch(async (error: unknown) => {
      if (error instanceof ArbionError) await failures.failed(sender);
      throw error;
    });
    failures.succeeded(sender);
    await enforceWebhookLimit(rateLimiter, settings.rateLimits, webhook.id);
    context.set('webhook', webhook);
    await next();
  };
}

async function provenWebhook(context: Context<AppEnv>, webhooks: Webhooks): Promise<Webhook> {
  const body = await jsonBytes(context);
  requireStrictJson(body);
  const webhook = await webhooks.authenticate(context.req.param('id') ?? '', proofIn(context, body));
  if (webhook) return webhook;
  throw new ArbionError(
    'unauthenticated',
    'The signal could not be authenticated.',
    'Check the webhook id and secret; see docs/webhooks.md.',
  );
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
  const value: unknown = JSON.parse(new TextDecoder().decode(body));
  if (typeof value !== 'object' || value === null || !('secret' in value)) return '';
  return typeof value.secret === 'string' ? value.secret : '';
}
