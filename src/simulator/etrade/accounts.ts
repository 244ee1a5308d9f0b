/** E*TRADE's account calls (docs/brokers/etrade.md, section 4). */
import { type Context, Hono } from 'hono';
import type { Account } from '../exchange/accounts.js';
import type { Call } from '../exchange/new-order.js';
import type { HandleCall } from '../faults/handle-call.js';
import type { Env } from '../faults/wire.js';
import type { Simulator } from '../protocol.js';
import { balanceResponse, listedAccount, shownPosition } from './account-views.js';
import { answer, empty, formatOf } from './answers.js';
import { type Answer, accountIdKey, type EtradeCallers } from './callers.js';
import { bankAccount, unrelatedPositions } from './unrelated.js';

const POSITIONS_PER_PAGE = 50;

export class EtradeAccounts {
  constructor(
    private readonly simulator: Pick<Simulator, 'exchange' | 'hasUnrelated'>,
    private readonly handleCall: HandleCall,
    private readonly callers: EtradeCallers,
  ) {}

  routes(): Hono<Env> {
    return new Hono<Env>()
      .on('GET', ['/list', '/list.json'], (context) => this.list(context))
      .on('GET', ['/:key/balance', '/:key/balance.json'], (context) => this.balance(context))
      .on('GET', ['/:key/portfolio', '/:key/portfolio.json'], (context) => this.portfolio(context));
  }

  private list(context: Context<Env>): Answer {
    return this.callers.asUser(context, 'accounts', (accounts) =>
      this.handleCall(context, { operation: 'other' }, () => {
        const own = accounts.map((account) => listedAccount(account, accountIdKey(account.account)));
        const listed = [...own, ...(this.simulator.hasUnrelated ? accounts.map(bankAccount) : [])];
        return answer(formatOf(context.req.raw), { AccountListResponse: { Accounts: { Account: listed } } });
      }),
    );
  }

  private balance(context: Context<Env>): Answer {
    return this.callers.asAccount(context, 'accounts', (account) =>
      this.handleCall(context, { operation: 'other', account: account.account }, async (call) => {
        const { exchange } = this.simulator;
        const holdings = exchange.holdings(account.account, call);
        const equity = await exchange.equity(account.account);
        const unsettled = exchange.unsettled(account.account);
        return answer(formatOf(context.req.raw), balanceResponse({ account, holdings, equity, unsettled }));
      }),
    );
  }

  private portfolio(context: Context<Env>): Answer {
    return this.callers.asAccount(context, 'accounts', (account) =>
      this.handleCall(context, { operation: 'positions', account: account.account }, (call) =>
        this.page(context, account, call),
      ),
    );
  }

  private async page(context: Context<Env>, { account }: Account, call: Call): Promise<Response> {
    const query = new URL(context.req.url).searchParams;
    const count = positive(query.get('count')) ?? POSITIONS_PER_PAGE;
    const number = positive(query.get('pageNumber')) ?? 1;
    const { exchange, hasUnrelated } = this.simulator;
    const own = exchange.holdings(account, call).positions.map(async (position) => {
      return shownPosition(position, await exchange.quote(position.symbol));
    });
    const positions = [...(await Promise.all(own)), ...(hasUnrelated ? unrelatedPositions : [])];
    const onPage = positions.slice((number - 1) * count, number * count);
    if (onPage.length === 0) return empty();
    const totalPages = Math.ceil(positions.length / count);
    const portfolio = {
      ...{ accountId: account, totalPages },
      ...(number < totalPages && { nextPageNo: String(number + 1) }),
      Position: onPage,
    };
    return answer(formatOf(context.req.raw), { PortfolioResponse: { AccountPortfolio: [portfolio] } });
  }
}

function positive(text: string | null): number | undefined {
  return text !== null && /^[1-9]\d{0,3}$/.test(text) ? Number(text) : undefined;
}
