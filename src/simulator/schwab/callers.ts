/** Identifies the caller's accounts by bearer token, and the account that a path names by its hash (section 4.1). */
import type { Context } from 'hono';
import type { Account } from '../exchange/accounts.js';
import type { Env } from '../faults/wire.js';
import { accountHash } from './account-views.js';
import { notAuthorized, traderError } from './answers.js';

export type Answer = Response | Promise<Response>;

export class SchwabCallers {
  constructor(private readonly accountsOf: (context: Context<Env>) => Account[] | undefined) {}

  asUser(context: Context<Env>, run: (accounts: readonly Account[]) => Answer): Answer {
    const accounts = this.accountsOf(context);
    return accounts ? run(accounts) : notAuthorized();
  }

  asAccount(context: Context<Env>, run: (account: Account) => Answer): Answer {
    return this.asUser(context, (accounts) => {
      const account = accounts.find((known) => accountHash(known.account) === context.req.param('hash'));
      return account ? run(account) : traderError(404, 'Account not found');
    });
  }
}
