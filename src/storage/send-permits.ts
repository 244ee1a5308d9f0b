/**
 * The database decides last whether an order is sent. Whoever asked for it and whatever a workflow's history says, it leaves only
 * when it follows from what was admitted and from what is held. Asked in the transaction that marks the order as sent.
 */
import type { Prisma } from '../../prisma/generated/client.js';
import { Decimal, decimal } from '../domain/decimal.js';
import type { Leg, UserId } from '../domain/ids.js';
import { type Refusal, sidesOf } from '../domain/order.js';
import { type Holding, type RecordedOrder, wouldOversell } from '../domain/trade/holding.js';
import { isFinalStatus, type TradeStatus } from '../domain/trade/status.js';
import { killSwitchesOf } from './limits.js';
import type { StoredOrder } from './orders.js';

const OVERSOLD: Refusal = {
  code: 'oversold',
  message: 'Together with the orders that may still fill, this order would close more than the trade holds.',
};

const HALTED: Refusal = { code: 'halted', message: 'The kill switch is on.' };

/** What the rows say of the order's trade. */
interface Standing {
  userId: UserId;
  status: TradeStatus;
  broker: string;
  account: string;
  symbol: string;
  assetClass: string;
  side: 'buy' | 'sell_short';
  /** of the entry; null when nothing is reserved */
  admitted: string | null;
}

/**
 * Why the order must not be sent, or undefined when it may. Locks the trade: one trade's orders are judged one after the
 * other, so that two at once are never both within what was admitted, or held.
 */
export async function whyNotSent(
  tx: Prisma.TransactionClient,
  order: StoredOrder,
  recorded: () => Promise<RecordedOrder[]>,
  holding: Holding,
): Promise<Refusal | undefined> {
  const standing = await lockedStanding(tx, order.tradeId);
  const lack = whyNotAdmitted(order, standing);
  if (lack !== undefined || !standing) return notAdmitted(lack ?? 'there is no such trade');
  const leg = order.leg as Leg;
  if (leg !== 'entry') return wouldOversell(order.request, leg, await recorded(), holding) ? OVERSOLD : undefined;
  const switches = await killSwitchesOf(tx, standing.userId);
  if (switches.user || switches.global) return HALTED;
  const isWithin = entryTotal(order, await recorded(), holding).atMost(decimal(standing.admitted ?? '0'));
  return isWithin ? undefined : notAdmitted('together with what was sent it is more than was admitted');
}

async function lockedStanding(tx: Prisma.TransactionClient, tradeId: string): Promise<Standing | undefined> {
  const [standing] = await tx.$queryRaw<Standing[]>`
    SELECT t.user_id AS "userId", t.status, t.broker, t.account, t.symbol, t.asset_class AS "assetClass", t.side,
      r.quantity::text AS admitted
    FROM trades t
    LEFT JOIN reservations r ON r.trade_id = t.id AND r.released_at IS NULL AND r.user_id = t.user_id
      AND r.account = t.account AND r.symbol = t.symbol
    WHERE t.id = ${tradeId}::uuid FOR UPDATE OF t`;
  return standing;
}

function whyNotAdmitted({ broker, account, leg, request }: StoredOrder, standing: Standing | undefined) {
  if (!standing) return 'there is no such trade';
  if (isFinalStatus(standing.status)) return 'the trade has ended';
  if (standing.admitted === null) return 'nothing is reserved for the trade';
  if (broker !== standing.broker || account !== standing.account) return 'it is for another account';
  if (request.symbol !== standing.symbol || request.assetClass !== standing.assetClass)
    return 'it is in another symbol';
  const { opening, closing } = sidesOf(standing.side);
  return request.side === (leg === 'entry' ? opening : closing) ? undefined : 'it is on the other side';
}

/** The entry's fills, what of it may still fill, and this order. */
function entryTotal({ request }: StoredOrder, recorded: readonly RecordedOrder[], { absent }: Holding): Decimal {
  const gone = new Set([request.clientOrderId, ...absent]);
  const entries = recorded.filter(({ leg }) => leg === 'entry');
  const filled = entries.flatMap(({ executions }) => executions.map(({ quantity }) => decimal(quantity)));
  const working = entries.filter(({ mayFill, request: other }) => mayFill && !gone.has(other.clientOrderId));
  const open = working.map(({ remaining }) => remaining);
  return Decimal.sum([...filled, ...open, decimal(request.quantity)]);
}

function notAdmitted(why: string): Refusal {
  return { code: 'not_admitted', message: `Arbion did not send the order: ${why}.` };
}
