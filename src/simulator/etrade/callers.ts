/** Identifies the caller and the account. The key in the path is not the account number (docs/brokers/etrade.md, section 1). */
import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import type { Account } from '../exchange/accounts.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Env } from '../faults/wire.js';
import { Throttle } from '../throttle.js';
import { ETRADE_CODES, errorAnswer, formatOf, problemAnswer, throttledAnswer } from './answers.js';
import type { EtradeSignIn } from './sign-in.js';

export type Answer = Response | Promise<Response>;

/** The parts of the API that have their own rate limits (section 10). */
export type Module = 'orders' | 'accounts' | 'market';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const PER_SECOND: Readonly<Record<Module, number>> = { orders: 2, accounts: 2, market: 4 };
const PER_HOUR: Readonly<Record<Module, number>> = { orders: 7_000, accounts: 7_000, market: 14_000 };

export function accountIdKey(accountId: string): string {
  return createHash('sha256').update(`etrade ${accountId}`).digest('base64url').slice(0, 22);
}

export class EtradeCallers {
  private readonly limits: Readonly<Record<Module, readonly Throttle[]>> = {
    orders: limitsOf('orders'),
    accounts: limitsOf('accounts'),
    market: limitsOf('market'),
  };

  constructor(
    private readonly exchange: Exchange,
    private readonly signIn: EtradeSignIn,
    private readonly keepsRateLimits: boolean,
  ) {}

  async asUser(
    context: Context<Env>,
    module: Module,
    run: (accounts: readonly Account[]) => Answer,
  ): Promise<Response> {
    const caller = await this.signIn.caller(context);
    if ('problem' in caller) return problemAnswer(formatOf(context.req.raw), caller.problem);
    const { login } = caller;
    if (this.keepsRateLimits && !this.mayCall(module, login)) return throttledAnswer();
    const accounts = this.exchange.accounts.ofBroker('etrade').filter((account) => account.login.username === login);
    return run(accounts);
  }

  asAccount(context: Context<Env>, module: Module, run: (account: Account) => Answer): Promise<Response> {
    return this.asUser(context, module, (accounts) => {
      const account = accounts.find((known) => accountIdKey(known.account) === context.req.param('key'));
      if (account) return run(account);
      const error = { code: ETRADE_CODES.invalidAccount, message: 'Please enter valid Account Key' };
      return errorAnswer(formatOf(context.req.raw), error);
    });
  }

  private mayCall(module: Module, login: string): boolean {
    const now = this.exchange.now();
    return this.limits[module].every((limit) => limit.take(login, now).isAllowed);
  }
}

function limitsOf(module: Module): readonly Throttle[] {
  return [new Throttle(PER_SECOND[module], SECOND_MS), new Throttle(PER_HOUR[module], HOUR_MS)];
}
