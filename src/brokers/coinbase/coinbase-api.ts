import type { z } from 'zod';
import type { BrokerAccess } from '../../broker-port/access.js';
import type { CallPriority, RequestBudget } from '../../broker-port/request-budget.js';
import { BrokerCaller } from '../../wire/caller.js';
import { type HttpAnswer, httpCall } from '../../wire/http.js';
import { parseLosslessly } from '../../wire/json.js';
import { UnexpectedAnswer } from '../../wire/outcomes.js';
import { errorBody } from './schemas.js';
import { signed } from './signing.js';

export interface CoinbaseApiOptions {
  /** up to and with `/api/v3/brokerage` */
  baseUrl: string;
  access: BrokerAccess;
  budget: RequestBudget;
}

/** The members of a query; a list is sent as its name repeated. */
export type Query = Readonly<Record<string, string | readonly string[]>>;

const PUBLIC_TIMEOUT_MS = 10_000;

/** Coinbase could make nothing of what was asked, an unknown product among other things (400). */
export class BadRequest extends UnexpectedAnswer {}

/** Calls of Coinbase's paths. The key or grant says whose account it is: no path does. */
export class CoinbaseApi {
  private readonly caller: BrokerCaller;

  constructor(private readonly options: CoinbaseApiOptions) {
    const { access, budget } = options;
    this.caller = new BrokerCaller({ broker: 'coinbase', access, budget, sign: signed });
  }

  /** @throws NotPlaced, AnswerLost, UnexpectedAnswer; `undefined`: Coinbase does not know what is asked for. */
  async get<Value>(account: string, path: string, query: Query, schema: z.ZodType<Value>): Promise<Value | undefined> {
    const url = () => this.url(path, query);
    return understoodIfKnown(await this.caller.call(account, { method: 'GET', url, priority: 'poll' }), schema);
  }

  /** The same without a login, for what Coinbase shows to everybody. */
  async getPublic<Value>(path: string, query: Query, schema: z.ZodType<Value>): Promise<Value | undefined> {
    const request = { method: 'GET', url: this.url(path, query), headers: {}, timeoutMs: PUBLIC_TIMEOUT_MS } as const;
    return understoodIfKnown(await httpCall(request), schema);
  }

  /** All pages of a list, in one. @throws as `get`. */
  async pages<Page extends { cursor: string; has_next?: boolean }>(
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

/** @throws UnexpectedAnswer unless the answer is 200 and of the expected form. */
export function understood<Value>({ status, text }: HttpAnswer, schema: z.ZodType<Value>): Value {
  if (status === 400) throw new BadRequest(`HTTP 400: ${wordsOf(text)}`);
  if (status !== 200) throw new UnexpectedAnswer(`HTTP ${status}: ${wordsOf(text)}`);
  const parsed = schema.safeParse(json(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UnexpectedAnswer(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'of an unknown form'}`);
}

/** An HTTP error in Coinbase's own form; undefined for any other answer. */
export function errorOf({ text }: HttpAnswer): z.infer<typeof errorBody> | undefined {
  try {
    return errorBody.safeParse(json(text)).data;
  } catch (error) {
    if (error instanceof UnexpectedAnswer) return undefined;
    throw error;
  }
}

function understoodIfKnown<Value>(answer: HttpAnswer, schema: z.ZodType<Value>): Value | undefined {
  if (answer.status === 404 && errorOf(answer)?.error === 'NOT_FOUND') return undefined;
  return understood(answer, schema);
}

function json(text: string): unknown {
  try {
    return parseLosslessly(text);
  } catch (error) {
    throw new UnexpectedAnswer('the answer is no JSON', { cause: error });
  }
}

/** Enough of an answer to recognise it. */
function wordsOf(text: string): string {
  return text.slice(0, 200);
}
