import type { z } from 'zod';
import type { BrokerAccess } from '../../broker-port/access.js';
import type { CallPriority, RequestBudget } from '../../broker-port/request-budget.js';
import { BrokerCaller } from '../../wire/caller.js';
import type { HttpAnswer } from '../../wire/http.js';
import { contentOf, problemOf } from './answers.js';
import { signingHeaders } from './signing.js';

export interface AlpacaOptions {
  /** `https://api.alpaca.markets`, or `https://paper-api.alpaca.markets` */
  baseUrl: string;
  /** of market data; Alpaca's own by default, and elsewhere the same as `baseUrl` */
  dataUrl?: string;
  access: BrokerAccess;
  budget: RequestBudget;
}

export interface Query {
  path: string;
  parameters?: Record<string, string>;
  /** from the market-data host */
  isData?: boolean;
  priority?: CallPriority;
}

export interface Write {
  method: 'POST' | 'PATCH' | 'DELETE';
  path: string;
  body?: object;
  priority: CallPriority;
}

/** Alpaca's REST calls. No path names the account: the credential alone says which it is. */
export class AlpacaCalls {
  private readonly caller: BrokerCaller;
  private readonly baseUrl: string;
  private readonly dataUrl: string;

  constructor({ baseUrl, dataUrl = dataUrlOf(baseUrl), access, budget }: AlpacaOptions) {
    this.caller = new BrokerCaller({
      broker: 'alpaca',
      access,
      budget,
      sign: (_request, credential) => signingHeaders(credential),
    });
    this.baseUrl = baseUrl;
    this.dataUrl = dataUrl;
  }

  /** @throws NotPlaced, AnswerLost, UnexpectedAnswer */
  async get<Content>(account: string, query: Query, schema: z.ZodType<Content>): Promise<Content> {
    return contentOf(await this.ask(account, query), schema);
  }

  /** The same; undefined when Alpaca says that it knows no such order. */
  async getOrder<Content>(account: string, query: Query, schema: z.ZodType<Content>): Promise<Content | undefined> {
    const answer = await this.ask(account, query);
    return isNoSuchOrder(answer) ? undefined : contentOf(answer, schema);
  }

  /** The answer, whatever it says. @throws NotPlaced, AnswerLost */
  write(account: string, { method, path, body, priority }: Write): Promise<HttpAnswer> {
    return this.caller.call(account, {
      ...{ method, priority, url: () => this.baseUrl + path },
      ...(body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    });
  }

  private ask(account: string, { path, parameters = {}, isData = false, priority = 'poll' }: Query) {
    const query = new URLSearchParams(parameters).toString();
    const url = (isData ? this.dataUrl : this.baseUrl) + path + (query && `?${query}`);
    return this.caller.call(account, { method: 'GET', url: () => url, priority });
  }
}

/** 404 with 40410000, "order not found" or "order is not found.": other things that are not found say nothing of an order. */
export function isNoSuchOrder(answer: HttpAnswer): boolean {
  const { code, message = '' } = problemOf(answer) ?? {};
  return answer.status === 404 && code === '40410000' && /^order (is )?not found/i.test(message);
}

function dataUrlOf(baseUrl: string): string {
  return new URL(baseUrl).hostname.endsWith('.alpaca.markets') ? 'https://data.alpaca.markets' : baseUrl;
}
