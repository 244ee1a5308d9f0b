/** The broker accounts of a user that can be asked or traded in. */
import type { Broker } from '../../broker-port/broker.js';
import { mayBeUsed } from '../../domain/broker-login.js';
import { ArbionError, Refused, ValidationFailed } from '../../domain/errors.js';
import { paperAccountId, type UserId } from '../../domain/ids.js';
import { brokerLoginsOf } from '../../storage/broker-logins.js';
import type { ApiDependencies } from '../dependencies.js';

export interface AccountOfUser {
  broker: Broker;
  account: string;
}

/** The accounts that can be read now; the paper account always can. */
export async function usableAccounts(
  { prisma, readers }: Pick<ApiDependencies, 'prisma' | 'readers'>,
  userId: UserId,
): Promise<AccountOfUser[]> {
  const brokerLogins = (await brokerLoginsOf(prisma, userId)).filter(({ state }) => mayBeUsed(state));
  const live = brokerLogins.flatMap(({ broker, accounts }) => accounts.map(({ id }) => ({ broker, id })));
  const all = [{ broker: 'paper', id: paperAccountId(userId) }, ...live];
  return all.flatMap(({ broker: name, id }) => {
    const broker = readers.get(name);
    return broker ? [{ broker, account: id }] : [];
  });
}

/** The account for an order: the one named, or the only one. @throws ArbionError */
export async function accountFor(
  { prisma, brokers }: Pick<ApiDependencies, 'prisma' | 'brokers'>,
  userId: UserId,
  { broker: name, account }: { broker: string; account?: string | undefined },
): Promise<AccountOfUser> {
  const broker = brokers.get(name);
  if (!broker) throw notConnected(name);
  const own = name === 'paper' ? [paperAccountId(userId)] : await accountsAt(prisma, userId, name);
  if (account !== undefined && !own.includes(account)) {
    throw new ArbionError('not-found', 'You have no such account at this broker.');
  }
  const [only, ...others] = account === undefined ? own : [account];
  if (only === undefined || others.length > 0) {
    throw new ValidationFailed([{ field: 'account', message: `is required; one of: ${own.join(', ')}` }]);
  }
  return { broker, account: only };
}

async function accountsAt(prisma: ApiDependencies['prisma'], userId: UserId, broker: string): Promise<string[]> {
  const brokerLogin = (await brokerLoginsOf(prisma, userId)).find((candidate) => candidate.broker === broker);
  if (!brokerLogin || brokerLogin.state === 'disconnected') throw notConnected(broker);
  if (!mayBeUsed(brokerLogin.state)) {
    throw new Refused('invalid-state', {
      code: 'REAUTH',
      message: `Your login at ${broker} has expired. Log in there again before you trade.`,
    });
  }
  return brokerLogin.accounts.map(({ id }) => id);
}

function notConnected(name: string): Refused {
  return new Refused('invalid-state', {
    code: 'BROKER_NOT_CONNECTED',
    message: `You are not logged in at ${name}. Connect this broker first.`,
  });
}
