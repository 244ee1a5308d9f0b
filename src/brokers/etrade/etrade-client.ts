import type { z } from 'zod';
import type { BrokerAccess } from '../../broker-port/access.js';
import type { CallPriority, RequestBudget } from '../../broker-port/request-budget.js';
import { BrokerCaller, NotPlaced } from '../../wire/caller.js';
import { UnexpectedAnswer } from '../../wire/outcomes.js';
import { type EtradeAnswer, type EtradeError, isThrottled, readAnswer } from './answers.js';
import { checked } from './schemas.js';
import { signed } from './signing.js';

export interface EtradeClientOptions {
  /** `https://api.etrade.com`, or where else `/v1` is */
  baseUrl: string;
  access: BrokerAccess;
  budget: RequestBudget;
  /** epoch milliseconds */
  now: () => number;
}

export interface EtradeWrite {
  method: 'POST' | 'PUT';
  /** below the account's own path */
  path: string;
  /** XML */
  body: string;
  priority: CallPriority;
}

/** E*TRADE's own word that a read cannot be answered. */
export class ErrorAnswer extends UnexpectedAnswer {
  readonly code: string;

  constructor({ code, message }: EtradeError) {
    super(`E*TRADE's error ${code}: ${message}`);
    this.code = code;
  }
}

const SLOW_DOWN_MS = 2_000;

/** Calls of E*TRADE's API v1 that are answered in JSON. */
export class EtradeClient {
  private readonly caller: BrokerCaller;

  constructor(private readonly options: EtradeClientOptions) {
    const { access, budget, now } = options;
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
    if (answer.kind === 'document') return checked(schema, answer.document, 'answer');
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
