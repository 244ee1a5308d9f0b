/** A user's broker logins, as the API shows and uses them. */
import type { Broker } from '../../broker-port/broker.js';
import { type BrokerLoginState, type LiveBroker, mayBeUsed } from '../../domain/broker-login.js';
import { ArbionError, Refused, ValidationFailed } from '../../domain/errors.js';
import { paperAccountId, type TradeId, type UserId } from '../../domain/ids.js';
import { type Origin, recordAudit } from '../../storage/audit.js';
import { openTradesAt } from '../../storage/broker-login-alerts.js';
import { type BrokerLogin, type BrokerLoginWithAccounts, brokerLoginsOf } from '../../storage/broker-logins.js';
import type { ApiDependencies } from '../http/context.js';

export interface BrokerView {
  broker: string;
  state: BrokerLoginState;
  accounts: { id: string; label: string }[];
  connectBy: ('login' | 'keys')[];
  loginDueAt?: string;
  code?: string;
}

/** The paper broker, and those that are set up here, each as the user is connected to it. */
export async function brokersOf({ prisma, providers }: ApiDependencies, userId: UserId): Promise<BrokerView[]> {
  const brokerLogins = await brokerLoginsOf(prisma, userId);
  const live = [...providers.values()].map(({ broker, login, takesKeys }) => ({
    ...viewOf(
      broker,
      brokerLogins.find((brokerLogin) => brokerLogin.broker === broker),
    ),
    connectBy: [...(login ? ['login' as const] : []), ...(takesKeys ? ['keys' as const] : [])],
  }));
  const paper = { id: paperAccountId(userId), label: 'Paper' };
  return [{ broker: 'paper', state: 'active', accounts: [paper], connectBy: [] }, ...live];
}

export async function brokerOf(dependencies: ApiDependencies, userId: UserId, broker: string): Promise<BrokerView> {
  const found = (await brokersOf(dependencies, userId)).find((view) => view.broker === broker);
  if (!found) throw new ArbionError('not-found', 'There is no such broker.');
  return found;
}

/** Writes down who connected what, and lets everything that waited for the login go on. */
export async function afterLogin(dependencies: ApiDependencies, brokerLogin: BrokerLogin, from: Origin): Promise<void> {
  const { prisma, trades, brokerLogins, logger } = dependencies;
  const { id, userId, broker } = brokerLogin;
  await recordAudit(prisma, { actor: userId, action: 'broker_connected', subject: id, detail: { broker }, from });
  try {
    await brokerLogins.lookAt(id);
    for (const trade of await openTradesAt(prisma, id)) await trades.hint(trade.id as TradeId, 'brokerEvent');
  } catch (error) {
    // The broker login stands. Its workflow is called again by the workers, and the trades look again by themselves.
    logger.warn({ err: error, loginId: id }, 'a login could not be told to the workflows');
  }
}

export async function afterDisconnect(
  dependencies: ApiDependencies,
  brokerLogin: BrokerLogin,
  from: Origin,
): Promise<void> {
  const { prisma, brokerLogins, logger } = dependencies;
  const { id, userId, broker } = brokerLogin;
  await recordAudit(prisma, { actor: userId, action: 'broker_disconnected', subject: id, detail: { broker }, from });
  await brokerLogins.lookAt(id).catch((error: unknown) => {
    logger.warn({ err: error, loginId: id }, 'the workflow could not be signalled that a user disconnected the broker');
  });
}

export interface AccountOfUser {
  broker: Broker;
  account: string;
}

/** The accounts that can be asked now; the paper account always can. */
export async function usableAccounts(
  { prisma, brokers }: Pick<ApiDependencies, 'prisma' | 'brokers'>,
  userId: UserId,
): Promise<AccountOfUser[]> {
  const brokerLogins = (await brokerLoginsOf(prisma, userId)).filter(({ state }) => mayBeUsed(state));
  const live = brokerLogins.flatMap(({ broker, accounts }) => accounts.map(({ id }) => ({ broker, id })));
  const all = [{ broker: 'paper', id: paperAccountId(userId) }, ...live];
  return all.flatMap(({ broker: name, id }) => {
    const broker = brokers.get(name);
    return broker ? [{ broker, account: id }] : [];
  });
}

/** The account that an order is for: the one named, or the only one. @throws ArbionError */
export async function accountFor(
  { prisma, brokers }: Pick<ApiDependencies, 'prisma' | 'brokers'>,
  userId: UserId,
  { broker: name, account }: { broker: string; account?: string | undefined },
): Promise<AccountOfUser> {
  const broker = brokers.get(name);
  if (!broker) throw notConnected(name);
  const own = name === 'paper' ? [paperAccountId(userId)] : await accountsAt(prisma, userId, name);
  if (account !== undefined && !own.includes(account)) {
    throw new ArbionError('not-found', 'There is no such broker account.');
  }
  const [only, ...others] = account === undefined ? own : [account];
  if (only === undefined || others.length > 0) {
    throw new ValidationFailed([{ field: 'account', message: `must name one of ${own.join(', ')}` }]);
  }
  return { broker, account: only };
}

async function accountsAt(prisma: ApiDependencies['prisma'], userId: UserId, broker: string): Promise<string[]> {
  const brokerLogin = (await brokerLoginsOf(prisma, userId)).find((candidate) => candidate.broker === broker);
  if (!brokerLogin || brokerLogin.state === 'disconnected') throw notConnected(broker);
  if (!mayBeUsed(brokerLogin.state)) {
    throw new Refused('invalid-state', { code: 'REAUTH', message: `${broker} wants a new login before it trades.` });
  }
  return brokerLogin.accounts.map(({ id }) => id);
}

function notConnected(name: string): Refused {
  return new Refused('invalid-state', {
    code: 'BROKER_NOT_CONNECTED',
    message: `The broker ${name} is not connected.`,
  });
}

function viewOf(broker: LiveBroker, brokerLogin: BrokerLoginWithAccounts | undefined): Omit<BrokerView, 'connectBy'> {
  if (!brokerLogin || brokerLogin.state === 'disconnected') return { broker, state: 'disconnected', accounts: [] };
  const { state, code, accounts, loginDueAt } = brokerLogin;
  return {
    broker,
    state,
    accounts: accounts.map(({ id, label }) => ({ id, label })),
    ...(loginDueAt && { loginDueAt: loginDueAt.toISOString() }),
    ...(code !== null && { code }),
  };
}
