import type { z } from 'zod';
import type { CallPriority } from '../../broker-port/request-budget.js';
import { BrokerCaller } from '../../wire/caller.js';
import type { HttpAnswer } from '../../wire/http.js';
import type { CallOptions } from '../../wire/live-adapter.js';
import { contentOf, isNoSuchOrder } from './answers.js';
import { type AlpacaOrder, alpacaOrder } from './schemas.js';
import { signingHeaders } from './signing.js';

export interface Query {
  path: string;
  parameters?: Record<string, string>;
  /** from the market-data host */
  isData?: boolean;
  priority?: CallPriority;
}

export interface Write {
  method: 'POST' | 'DELETE';
  path: string;
  body?: object;
  priority: CallPriority;
}

/** Alpaca's REST calls. No path names the account: the credential alone says which it is. */
export class AlpacaCalls {
  private readonly caller: BrokerCaller;
  private readonly baseUrl: string;
  private readonly dataUrl: string;

  /** `baseUrl`: `https://api.alpaca.markets`, or `https://paper-api.alpaca.markets`. */
  constructor({ baseUrl, access, budget }: CallOptions) {
    this.caller = new BrokerCaller({
      broker: 'alpaca',
      access,
      budget,
      sign: (_request, credential) => signingHeaders(credential),
    });
    this.baseUrl = baseUrl;
    this.dataUrl = dataUrlOf(baseUrl);
  }

  /** @throws NotPlaced, AnswerLost, UnexpectedAnswer */
  async get<Schema extends z.ZodType>(account: string, query: Query, schema: Schema): Promise<z.output<Schema>> {
    return contentOf(await this.ask(account, query), schema);
  }

  /** The same; undefined when Alpaca says that it knows no such order. */
  async getOrder(account: string, query: Query): Promise<AlpacaOrder | undefined> {
    const answer = await this.ask(account, query);
    return isNoSuchOrder(answer) ? undefined : contentOf(answer, alpacaOrder);
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

/** Market data has a host of its own at Alpaca; elsewhere everything is under one address. */
function dataUrlOf(baseUrl: string): string {
  return new URL(baseUrl).hostname.endsWith('.alpaca.markets') ? 'https://data.alpaca.markets' : baseUrl;
}
