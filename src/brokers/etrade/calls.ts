import type { z } from 'zod';
import type { CallPriority } from '../../broker-port/request-budget.js';
import { checked } from '../../wire/answers.js';
import { BrokerCaller, NotPlaced } from '../../wire/caller.js';
import type { CallOptions } from '../../wire/live-adapter.js';
import { ErrorAnswer, type EtradeAnswer, isThrottled, readAnswer } from './answers.js';
import { signed } from './signing.js';

export interface EtradeWrite {
  method: 'POST' | 'PUT';
  /** below the account's own path */
  path: string;
  /** XML */
  body: string;
  priority: CallPriority;
}

const SLOW_DOWN_MS = 2_000;

/** Calls of E*TRADE's API v1 that are answered in JSON. */
export class EtradeCalls {
  private readonly caller: BrokerCaller;

  /** `baseUrl`: `https://api.etrade.com`, or where else `/v1` is. */
  constructor(
    private readonly options: CallOptions,
    now: () => number,
  ) {
    const { access, budget } = options;
    this.caller = new BrokerCaller({
      ...{ broker: 'etrade', access, budget },
      sign: (request, credential) => signed(request, credential, now()),
    });
  }

  /** What is below the account's own path; undefined when there is nothing. @throws UnexpectedAnswer */
  readAccount<Schema extends z.ZodType>(
    account: string,
    path: string,
    schema: Schema,
  ): Promise<z.infer<Schema> | undefined> {
    return this.read(account, (key) => `/v1/accounts/${encodeURIComponent(key)}${path}`, schema);
  }

  /** @throws UnexpectedAnswer */
  async read<Schema extends z.ZodType>(
    account: string,
    pathOf: (accountKey: string) => string,
    schema: Schema,
  ): Promise<z.infer<Schema> | undefined> {
    const { baseUrl } = this.options;
    const url = (key: string) => baseUrl + pathOf(key);
    const answer = await this.answer(account, { method: 'GET', url, priority: 'poll' });
    if (answer.kind === 'empty') return undefined;
    if (answer.kind === 'document') return checked(schema, answer.document, "E*TRADE's answer");
    throw new ErrorAnswer(answer);
  }

  write(account: string, { method, path, body, priority }: EtradeWrite): Promise<EtradeAnswer> {
    const url = (key: string) => `${this.options.baseUrl}/v1/accounts/${encodeURIComponent(key)}${path}`;
    const headers = { 'content-type': 'application/xml' };
    return this.answer(account, { method, url, body, headers, priority });
  }

  private async answer(account: string, call: Parameters<BrokerCaller['call']>[1]): Promise<EtradeAnswer> {
    const answer = await this.caller.call(account, call);
    if (answer.status === 401) throw new NotPlaced('E*TRADE does not take the login', undefined);
    if (!isThrottled(answer)) return readAnswer(answer);
    await this.options.budget.slowDown('etrade', account, SLOW_DOWN_MS);
    throw new NotPlaced('E*TRADE wants fewer calls', SLOW_DOWN_MS);
  }
}
