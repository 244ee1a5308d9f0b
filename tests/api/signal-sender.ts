/** A webhook with the strategy behind it, which signs by a hand of its own. */
import { createHmac, randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { type Answer, type TestApi, type TestTrader, tradeBody } from './harness.js';

export interface Sent {
  id?: string;
  /** seconds from now */
  off?: number;
  /** another than the webhook's */
  secret?: string;
  /** another than the webhook's address */
  to?: string;
}

export interface Hook {
  id: string;
  secret: string;
  trader: TestTrader;
  /** of the trader's session */
  cookie: string;
  headers(text: string, sent?: Sent): ReturnType<typeof signed>;
  send(body?: unknown, sent?: Sent): Promise<Answer>;
  sendText(text: string, sent?: Sent, headers?: Record<string, string>): Promise<Answer>;
}

/** One of a new trader; `options` are of the body of POST /webhooks. */
export async function makeHook(api: TestApi, options: Record<string, unknown> = {}): Promise<Hook> {
  const trader = await api.addTrader();
  const cookie = await api.logIn(trader);
  const made = await api.call('POST', '/webhooks', { cookie, body: { name: 'momentum', ...options } });
  expect(made.status).toBe(201);
  const [id, secret] = [String(made.json.id), String(made.json.secret)];

  const headers: Hook['headers'] = (text, sent = {}) => signed(text, { secret, ...sent });
  const sendText: Hook['sendText'] = (rawBody, sent = {}, others = {}) =>
    api.call('POST', `/webhooks/${sent.to ?? id}`, { rawBody, headers: { ...headers(rawBody, sent), ...others } });
  return {
    id,
    secret,
    trader,
    cookie,
    headers,
    sendText,
    send: (body = tradeBody({ quantity: '1' }), sent = {}) => sendText(JSON.stringify(body), sent),
  };
}

/** As github.com/standard-webhooks/standard-webhooks has it. */
function signed(text: string, { id = randomUUID(), off = 0, secret }: Sent & { secret: string }) {
  const timestamp = Math.floor(Date.now() / 1_000) + off;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${text}`).digest('base64');
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${signature}`,
  };
}
