/** What webhook signals do: start a trade, or close the trades of a strategy in a symbol. */
import { createHash } from 'node:crypto';
import { canonicalHash } from '../../auth/canonical-json.js';
import type { Webhook } from '../../auth/webhooks.js';
import { Refused, ValidationFailed } from '../../domain/errors.js';
import type { TradeId } from '../../domain/ids.js';
import type { Logger } from '../../platform/logger.js';
import type { Origin } from '../../storage/audit.js';
import type { IdempotencyClaim } from '../../storage/idempotency.js';
import { liveTradeIds } from '../../storage/trade-queries.js';
import type { ApiDependencies } from '../dependencies.js';
import { acceptTrade } from '../trades/accept-trade.js';
import { withoutConfirmation } from '../trades/trade-body.js';
import { commandTrade, requireTrade } from '../trades/trade-commands.js';
import { type ShownTrade, shownTrade } from '../trades/valuation.js';
import { type CloseSignal, contentOf, type OpenSignal, type Signal } from './signal-body.js';

/** Longer than any sender repeats a signal. */
const KEPT_DAYS = 400;

/** @throws ValidationFailed when the signal's id is in the wrong place or missing */
export function signalIdOf({ kind }: Webhook, header: string | undefined, { id, secret }: Signal): string {
  if (kind === 'signed') {
    if (id !== undefined) throw wrong('id', 'must be sent as the header webhook-id by this kind of webhook');
    if (secret !== undefined) throw wrong('secret', 'must not be sent with a signature');
    // Signed as well, so it is there.
    return header ?? '';
  }
  if (id === undefined) throw wrong('id', 'is required: it identifies the signal, so that a repeat is recognised');
  return id;
}

function wrong(field: string, message: string): ValidationFailed {
  return new ValidationFailed([{ field, message }]);
}

/** Uses the stored id of the webhook, because its URL can be written in more than one way. */
export function claimOfSignal({ id, userId }: Webhook, signalId: string, signal: Signal): IdempotencyClaim {
  const content = contentOf(signal);
  const fingerprint = canonicalHash('confirm' in content ? withoutConfirmation(content) : content);
  return { userId, route: `POST /webhooks/${id}`, key: signalId, fingerprint, keptDays: KEPT_DAYS };
}

/** The same for every repeat: a UUID of version 8 (RFC 9562) from a hash. */
function tradeIdOfSignal({ route, key }: IdempotencyClaim): TradeId {
  const hash = createHash('sha256').update(`${route}\n${key}`).digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x80, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') as TradeId;
}

interface Taken<Content extends Signal> {
  webhook: Webhook;
  signal: Content;
  claim: IdempotencyClaim;
}

/** Starts a trade as POST /trades does. */
export function openBySignal(
  dependencies: ApiDependencies,
  { webhook, signal, claim }: Taken<OpenSignal>,
  { requestId, logger }: { requestId: string; logger: Logger },
) {
  const { action: _, ...trade } = contentOf(signal);
  return acceptTrade(dependencies, {
    userId: webhook.userId,
    body: { ...trade, strategy: trade.strategy ?? webhook.strategy },
    claim,
    tradeId: tradeIdOfSignal(claim),
    isClick: false,
    requestId,
    logger,
  });
}

/** Closes all trades of the strategy in the symbol, except those that started after the signal; returns them as they are now. */
export async function closeBySignal(
  dependencies: ApiDependencies,
  { webhook, signal, begunAt }: Omit<Taken<CloseSignal>, 'claim'> & { begunAt: Date | undefined },
  from: Origin,
): Promise<{ items: ShownTrade[] }> {
  const { userId } = webhook;
  const { symbol, strategy = webhook.strategy } = signal;
  const items: ShownTrade[] = [];
  for (const id of await liveTradeIds(dependencies.prisma, { userId, symbol, strategy }, begunAt)) {
    items.push(await closeUnlessFinal(dependencies, webhook, id, from));
  }
  return { items };
}

/** A trade that has ended in the meantime does not keep the others from being closed. */
async function closeUnlessFinal(
  dependencies: ApiDependencies,
  { userId }: Webhook,
  id: TradeId,
  from: Origin,
): Promise<ShownTrade> {
  try {
    return await commandTrade(dependencies, userId, id, 'close', from);
  } catch (error) {
    if (!(error instanceof Refused) || error.reason.code !== 'TRADE_FINAL') throw error;
    return shownTrade(dependencies, await requireTrade(dependencies, userId, id));
  }
}
