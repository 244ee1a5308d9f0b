/** A user's connections to brokers, as the API shows and uses them. */
import type { Broker } from '../../broker-port/broker.js';
import { type ConnectionState, type LiveBroker, mayBeUsed } from '../../domain/connection.js';
import { ArbionError, Refused, ValidationFailed } from '../../domain/errors.js';
import { paperAccountId, type TradeId, type UserId } from '../../domain/ids.js';
import { type Origin, recordAudit } from '../../storage/audit.js';
import { openTradesAt } from '../../storage/connection-alerts.js';
import { type Connection, type ConnectionWithAccounts, connectionsOf } from '../../storage/connections.js';
import type { ApiDependencies } from '../http/context.js';

export interface BrokerView {
  broker: string;
  state: ConnectionState;
  accounts: { id: string; label: string }[];
  connectBy: ('login' | 'keys')[];
  loginDueAt?: string;
  code?: string;
}

/** The paper broker, and those that are set up here, each as the user is connected to it. */
export async function brokersOf({ prisma, providers }: ApiDependencies, userId: UserId): Promise<BrokerView[]> {
  const connections = await connectionsOf(prisma, userId);
  const live = [...providers.values()].map(({ broker, login, takesKeys }) => ({
    ...viewOf(
      broker,
      connections.find((connection) => connection.broker === broker),
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
export async function afterLogin(dependencies: ApiDependencies, connection: Connection, from: Origin): Promise<void> {
  const { prisma, trades, connections, logger } = dependencies;
  const { id, userId, broker } = connection;
  await recordAudit(prisma, { actor: userId, action: 'broker_connected', subject: id, detail: { broker }, from });
  try {
    await connections.lookAt(id);
    for (const trade of await openTradesAt(prisma, id)) await trades.hint(trade.id as TradeId, 'brokerEvent');
  } catch (error) {
    // The connection stands. Its workflow is called again by the workers, and the trades look again by themselves.
    logger.warn({ err: error, connectionId: id }, 'a login could not be told to the workflows');
  }
}

export async function afterDisconnect(
  dependencies: ApiDependencies,
  connection: Connection,
  from: Origin,
): Promise<void> {
  const { prisma, connections, logger } = dependencies;
  const { id, userId, broker } = connection;
  await recordAudit(prisma, { actor: userId, action: 'broker_disconnected', subject: id, detail: { broker }, from });
  await connections.lookAt(id).catch((error: unknown) => {
    logger.warn({ err: error, connectionId: id }, 'the end of a connection could not be told to its workflow');
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
  const connections = (await connectionsOf(prisma, userId)).filter(({ state }) => mayBeUsed(state));
  const live = connections.flatMap(({ broker, accounts }) => accounts.map(({ id }) => ({ broker, id })));
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
  const connection = (await connectionsOf(prisma, userId)).find((candidate) => candidate.broker === broker);
  if (!connection || connection.state === 'disconnected') throw notConnected(broker);
  if (!mayBeUsed(connection.state)) {
    throw new Refused('invalid-state', { code: 'REAUTH', message: `${broker} wants a new login before it trades.` });
  }
  return connection.accounts.map(({ id }) => id);
}

function notConnected(name: string): Refused {
  return new Refused('invalid-state', {
    code: 'BROKER_NOT_CONNECTED',
    message: `The broker ${name} is not connected.`,
  });
}

function viewOf(broker: LiveBroker, connection: ConnectionWithAccounts | undefined): Omit<BrokerView, 'connectBy'> {
  if (!connection || connection.state === 'disconnected') return { broker, state: 'disconnected', accounts: [] };
  const { state, code, accounts, loginDueAt } = connection;
  return {
    broker,
    state,
    accounts: accounts.map(({ id, label }) => ({ id, label })),
    ...(loginDueAt && { loginDueAt: loginDueAt.toISOString() }),
    ...(code !== null && { code }),
  };
}
