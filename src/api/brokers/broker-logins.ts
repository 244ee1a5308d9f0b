/** A user's broker logins, as the API shows and uses them. */
import { z } from '@hono/zod-openapi';
import type { LiveBroker } from '../../domain/broker-login.js';
import { ArbionError } from '../../domain/errors.js';
import { paperAccountId, type TradeId, type UserId } from '../../domain/ids.js';
import { type Origin, recordAudit } from '../../storage/audit.js';
import { openTradesAt } from '../../storage/broker-login-alerts.js';
import { type BrokerLogin, type BrokerLoginWithAccounts, brokerLoginsOf } from '../../storage/broker-logins.js';
import type { ApiDependencies } from '../dependencies.js';
import { instantText } from '../http/fields.js';
import { notifyOwner } from '../identity/notify-owner.js';

export const brokerView = z
  .strictObject({
    broker: z.string(),
    state: z.enum(['active', 'refreshing', 'reauth_required', 'error', 'disconnected']),
    accounts: z.array(z.strictObject({ id: z.string(), label: z.string() })),
    connectBy: z.array(z.enum(['login', 'keys'])),
    loginDueAt: instantText.optional().openapi({ description: 'When the next login at the broker is due' }),
    code: z.string().optional().openapi({ description: "Why the login is not active: the broker's error code" }),
  })
  .openapi('Broker');

export type BrokerView = z.output<typeof brokerView>;

/** The paper broker and every broker that is set up here, with the state of the user's login. */
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
  if (!found) throw new ArbionError('not-found', 'This broker does not exist or is not set up here.');
  return found;
}

/** Records the login, and wakes everything that waited for it. */
export async function afterLogin(dependencies: ApiDependencies, brokerLogin: BrokerLogin, from: Origin): Promise<void> {
  const { prisma, trades, brokerLogins, logger } = dependencies;
  const { id, userId, broker } = brokerLogin;
  await recordAudit(prisma, { actor: userId, action: 'broker_connected', subject: id, detail: { broker }, from });
  await notifyOwner(dependencies, userId, 'broker-connected', { from, about: [`Broker: ${broker}`] });
  try {
    await brokerLogins.lookAt(id);
    for (const trade of await openTradesAt(prisma, id)) await trades.hint(trade.id as TradeId, 'brokerEvent');
  } catch (error) {
    // The broker login stands. Its workflow is called again by the workers, and the trades look again by themselves.
    logger.warn({ err: error, loginId: id }, 'could not notify the workflows of a broker login');
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

function viewOf(broker: LiveBroker, login: BrokerLoginWithAccounts | undefined): Omit<BrokerView, 'connectBy'> {
  if (!login || login.state === 'disconnected') return { broker, state: 'disconnected', accounts: [] };
  const { state, code, accounts, loginDueAt } = login;
  return {
    broker,
    state,
    accounts: accounts.map(({ id, label }) => ({ id, label })),
    ...(loginDueAt && { loginDueAt: loginDueAt.toISOString() }),
    ...(code !== null && { code }),
  };
}
