import type { CallPriority } from '../../broker-port/request-budget.js';
import { BrokerCaller } from '../../wire/caller.js';
import type { HttpAnswer, HttpRequest } from '../../wire/http.js';
import type { CallOptions } from '../../wire/live-adapter.js';
import { bearerHeaders } from './signing.js';

export interface AccountCall {
  method: HttpRequest['method'];
  /** below the account's own path */
  path: string;
  priority: CallPriority;
  /** JSON */
  body?: string;
}

/** Calls of the Trader API and of market data, signed for an account. */
export class SchwabCalls {
  private readonly caller: BrokerCaller;

  /** `baseUrl`: in front of `/trader/v1` and `/marketdata/v1`. */
  constructor(private readonly options: CallOptions) {
    const { access, budget } = options;
    this.caller = new BrokerCaller({
      ...{ broker: 'schwab', access, budget },
      sign: (_request, credential) => bearerHeaders(credential),
    });
  }

  /** A call about one account, with the name that it has in Schwab's paths. */
  async ofAccount(account: string, call: AccountCall): Promise<{ answer: HttpAnswer; accountKey: string }> {
    const { path, body, ...rest } = call;
    let accountKey = '';
    const url = (key: string) => {
      accountKey = key;
      return `${this.options.baseUrl}/trader/v1/accounts/${key}${path}`;
    };
    const content = body === undefined ? {} : { body, headers: { 'Content-Type': 'application/json' } };
    const answer = await this.caller.call(account, { ...rest, ...content, url });
    return { answer, accountKey };
  }

  /** A read that is about no account: `path` begins with the API, and the account only says whose login asks. */
  read(account: string, path: string): Promise<HttpAnswer> {
    return this.caller.call(account, { method: 'GET', priority: 'poll', url: () => this.options.baseUrl + path });
  }
}
