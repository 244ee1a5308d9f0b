/** Schwab's account calls (docs/brokers/schwab.md, section 4), and the user's preferences (section 10). */
import { type Context, Hono } from 'hono';
import type { Account } from '../exchange/accounts.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Call } from '../exchange/new-order.js';
import type { HandleCall } from '../faults/handle-call.js';
import type { Env } from '../faults/wire.js';
import { accountHash, lastPricesOf, shownAccount } from './account-views.js';
import { traderError } from './answers.js';
import type { Answer, SchwabCallers } from './callers.js';
import { STREAMER_PATH, streamerInfo } from './stream.js';

export interface AccountsOptions {
  exchange: Exchange;
  handleCall: HandleCall;
  callers: SchwabCallers;
  /** positions that every account shows besides its own */
  unrelated: readonly object[];
}

export class SchwabAccounts {
  private readonly exchange: Exchange;
  private readonly handleCall: HandleCall;
  private readonly callers: SchwabCallers;

  constructor(private readonly options: AccountsOptions) {
    ({ exchange: this.exchange, handleCall: this.handleCall, callers: this.callers } = options);
  }

  routes(): Hono<Env> {
    return new Hono<Env>()
      .get('/accounts/accountNumbers', (context) => this.numbers(context))
      .get('/accounts', (context) => this.all(context))
      .get('/accounts/:hash', (context) => this.one(context))
      .get('/userPreference', (context) => this.preferences(context));
  }

  private numbers(context: Context<Env>): Answer {
    return this.callers.asUser(context, (accounts) =>
      this.handleCall(context, { operation: 'other' }, () =>
        Response.json(accounts.map(({ account }) => ({ accountNumber: account, hashValue: accountHash(account) }))),
      ),
    );
  }

  private all(context: Context<Env>): Answer {
    return this.callers.asUser(context, (accounts) =>
      this.handleCall(context, { operation: 'positions' }, async (call) => {
        const fields = readFields(context);
        if ('problem' in fields) return traderError(400, fields.problem);
        return Response.json(await Promise.all(accounts.map((account) => this.shown(account, fields, call))));
      }),
    );
  }

  private one(context: Context<Env>): Answer {
    return this.callers.asAccount(context, (account) =>
      this.handleCall(context, { operation: 'positions', account: account.account }, async (call) => {
        const fields = readFields(context);
        return 'problem' in fields
          ? traderError(400, fields.problem)
          : Response.json(await this.shown(account, fields, call));
      }),
    );
  }

  private async shown(account: Account, { withPositions }: Fields, call: Call): Promise<object> {
    const holdings = this.exchange.holdings(account.account, call);
    const equity = await this.exchange.equity(account.account);
    const unsettled = this.exchange.unsettled(account.account);
    const lastPrices = await lastPricesOf(this.exchange, holdings);
    const { unrelated } = this.options;
    return shownAccount({ account, holdings, equity, unsettled, lastPrices, withPositions, unrelated });
  }

  private preferences(context: Context<Env>): Answer {
    return this.callers.asUser(context, (accounts) =>
      this.handleCall(context, { operation: 'other' }, () =>
        Response.json({
          accounts: accounts.map(({ account }, index) => ({
            ...{ accountNumber: account, primaryAccount: index === 0, type: 'BROKERAGE', nickName: 'Simulated' },
            ...{ accountColor: 'Green', displayAcctId: `...${account.slice(-3)}`, autoPositionEffect: true },
          })),
          streamerInfo: [streamerInfo(accounts, socketUrl(context))],
          offers: [{ level2Permissions: false, mktDataPermission: 'NP' }],
        }),
      ),
    );
  }
}

function socketUrl(context: Context<Env>): string {
  const { protocol, host } = new URL(context.req.url);
  return `${protocol.replace('http', 'ws')}//${context.req.header('host') ?? host}/schwab${STREAMER_PATH}`;
}

interface Fields {
  withPositions: boolean;
}

/** `positions` is the only valid field. */
function readFields(context: Context<Env>): Fields | { problem: string } {
  const fields = new URL(context.req.url).searchParams.get('fields');
  if (fields !== null && fields !== 'positions') return { problem: `'${fields}' is not a valid value for fields` };
  return { withPositions: fields === 'positions' };
}
