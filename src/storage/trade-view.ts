/** A trade's view in its row: whole in the column `view`, and beside it what SQL filters, sorts or sums. */
import type { Prisma } from '../../prisma/generated/client.js';
import { decimal } from '../domain/decimal.js';
import type { JournalEntry } from '../domain/trade/journal.js';
import type { TradeInput } from '../domain/trade/request.js';
import { initialView, valuedAt } from '../domain/trade/to-view.js';
import type { TradeView } from '../domain/trade/view.js';

/** A row's view. What the trade holds is valued by the reader (`valuedAt`): until then its open profit is null. */
export function viewOf({ view }: { view: unknown }): TradeView {
  const recorded = view as RecordedView;
  const { exitAt = null, exitsBy = null, warnings = [], session = 'regular' } = recorded;
  const { result = decimal(recorded.realizedPnl).minus(decimal(recorded.fees)).toString() } = recorded;
  return { ...recorded, exitAt, exitsBy, warnings, session, result };
}

type LaterField = 'exitAt' | 'exitsBy' | 'warnings' | 'session' | 'result';
/** Views lack what they were written before. */
type RecordedView = Omit<TradeView, LaterField> & Partial<Pick<TradeView, LaterField>>;

/** The columns that change with the view. */
export function columnsOf(view: TradeView) {
  const { status, quantity, openQuantity, realizedPnl, fees, closedAt } = view;
  return {
    view: { ...valuedAt(view, undefined) } as unknown as Prisma.InputJsonObject,
    status,
    quantity,
    openQuantity,
    realizedPnl,
    fees,
    closedAt: closedAt === null ? null : new Date(closedAt),
  };
}

/** The row of a trade whose workflow has recorded nothing yet. */
export function requestedRow({ trade, ticket }: TradeInput) {
  const { broker, account, symbol, assetClass, side, strategy = null } = trade;
  return {
    id: ticket.tradeId,
    userId: ticket.userId,
    ...{ broker, account, symbol, assetClass, side, strategy },
    ...columnsOf(initialView({ trade, ticket })),
    request: { ...trade } as unknown as Prisma.InputJsonObject,
    ticket: { ...ticket },
    createdAt: new Date(ticket.issuedAt),
  };
}

/** The first entry of a trade's journal. */
export function requestedEntry({ trade: { symbol, side, quantity }, ticket }: TradeInput) {
  const entry = { key: 'requested', kind: 'requested', data: { symbol, side, quantity } } as const;
  return { ...entry, at: new Date(ticket.issuedAt) } satisfies Omit<JournalEntry, 'at'> & { at: Date };
}
