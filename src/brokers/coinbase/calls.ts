import type { z } from 'zod';
import type { CallPriority } from '../../broker-port/request-budget.js';
import { UnexpectedAnswer } from '../../wire/answers.js';
import { BrokerCaller } from '../../wire/caller.js';
import { type HttpAnswer, httpCall } from '../../wire/http.js';
import type { CallOptions } from '../../wire/live-adapter.js';
import { contentIfKnown } from './answers.js';
import { signed } from './signing.js';

/** The members of a query; a list is sent as its name repeated. */
export type Query = Readonly<Record<string, string | readonly string[]>>;

const PUBLIC_TIMEOUT_MS = 10_000;

/** Calls of Coinbase's paths. The key or grant says whose account it is: no path does. */
export class CoinbaseCalls {
  private readonly caller: BrokerCaller;

  /** `baseUrl`: up to and with `/api/v3/brokerage`. */
  constructor(private readonly options: CallOptions) {
    const { access, budget } = options;
    this.caller = new BrokerCaller({ broker: 'coinbase', access, budget, sign: signed });
  }

  /** @throws NotPlaced, AnswerLost, UnexpectedAnswer; `undefined`: Coinbase does not know what is asked for. */
  async get<Value>(account: string, path: string, query: Query, schema: z.ZodType<Value>): Promise<Value | undefined> {
    const url = () => this.url(path, query);
    return contentIfKnown(await this.caller.call(account, { method: 'GET', url, priority: 'poll' }), schema);
  }

  /** The same without a login, for what Coinbase shows to everybody. */
  async getPublic<Value>(path: string, query: Query, schema: z.ZodType<Value>): Promise<Value | undefined> {
    const request = { method: 'GET', url: this.url(path, query), headers: {}, timeoutMs: PUBLIC_TIMEOUT_MS } as const;
    return contentIfKnown(await httpCall(request), schema);
  }

  /** All pages of a list, in one. @throws as `get`. */
  async pages<Page extends { cursor: string; has_next?: boolean | undefined }>(
    account: string,
    path: string,
    query: Query,
    schema: z.ZodType<Page>,
  ): Promise<Page[]> {
    const pages: Page[] = [];
    const cursors = new Set<string>();
    let cursor = '';
    do {
      const page = await this.get(account, path, cursor === '' ? query : { ...query, cursor }, schema);
      if (page === undefined) throw new UnexpectedAnswer(`${path}: not found`);
      pages.push(page);
      cursor = page.has_next === false ? '' : page.cursor;
      if (cursors.has(cursor)) throw new UnexpectedAnswer(`${path}: the list goes in a circle`);
      cursors.add(cursor);
    } while (cursor !== '');
    return pages;
  }

  /** One attempt, whatever comes of it. @throws NotPlaced, AnswerLost */
  post(account: string, path: string, body: object, priority: CallPriority): Promise<HttpAnswer> {
    const headers = { 'content-type': 'application/json' };
    const url = () => this.url(path, {});
    return this.caller.call(account, { method: 'POST', url, headers, body: JSON.stringify(body), priority });
  }

  private url(path: string, query: Query): string {
    const url = new URL(this.options.baseUrl + path);
    for (const [name, values] of Object.entries(query)) {
      for (const value of [values].flat()) url.searchParams.append(name, value);
    }
    return url.href;
  }
}
