import { audit } from '../audit/audit.js';
import type { LedgerOfPaper } from '../brokers/paper/ledger.js';
import { type Decimal, decimal } from '../domain/decimal.js';
import type { TradeView } from '../domain/trade/view.js';
import type { ReplayMarket } from '../market-data/market.js';
import type { PriceEvent } from '../matching/event.js';
import { auditFacts } from '../storage/audit-facts.js';
import type { Database } from '../storage/database.js';
import { viewOf } from '../storage/trade-view.js';

export interface ReplayFacts {
  database: Database;
  market: ReplayMarket;
  ledger: LedgerOfPaper;
  /** the trades as the workflows report them */
  trades: TradeView[];
}

/** Every disagreement between the ledger, the database, the workflows and the recorded quotes. */
export async function disagreements(facts: ReplayFacts): Promise<string[]> {
  const { database, market, ledger, trades } = facts;
  const symbols = [...new Set(trades.map((trade) => trade.symbol))];
  const splits = symbols.flatMap((symbol) => market.feed.splits(symbol, 0, Number.MAX_SAFE_INTEGER));
  const findings = audit({ ...(await auditFacts(database.prisma, 'paper')), ledger, splits: splits.slice() });
  return [
    ...findings.map(({ invariant, subject, evidence }) => `${invariant} ${subject}: ${evidence}`),
    ...(await recordsThatDiffer(database, trades)),
    ...(await impossibleFills(market, ledger)),
  ];
}

/** Compares the workflow's answer with the record, field by field, except for the valuation, which changes all the time. */
async function recordsThatDiffer({ prisma }: Database, trades: TradeView[]): Promise<string[]> {
  const problems: string[] = [];
  for (const trade of trades) {
    const recorded = viewOf(await prisma.trade.findUniqueOrThrow({ where: { id: trade.id } }));
    for (const [field, value] of Object.entries(trade)) {
      if (field === 'unrealizedPnl' || field === 'unprotectedSeconds') continue;
      const known = recorded[field as keyof TradeView];
      if (JSON.stringify(known) !== JSON.stringify(value)) {
        problems.push(`${trade.id}: workflow says ${field} ${JSON.stringify(value)}, record ${JSON.stringify(known)}`);
      }
    }
  }
  return problems;
}

/** A fill must be at the quote of a recorded row: sells at its bid, buys at its ask, at most its size. */
async function impossibleFills(market: ReplayMarket, ledger: LedgerOfPaper): Promise<string[]> {
  const problems: string[] = [];
  for (const order of ledger.orders) {
    for (const { kind, at, price = '0', quantity = '0', executionId } of order.events) {
      if (kind !== 'fill') continue;
      const row = await market.feed.latest(order.symbol, Date.parse(at));
      const isWithin = row && isWithinSize(order, row, decimal(quantity));
      if (!isWithin || fairPrice(order, row, at)?.equals(decimal(price)) !== true) {
        problems.push(
          `${executionId}: ${order.side} ${quantity} at ${price} is not what ${order.symbol} quoted at ${at}`,
        );
      }
    }
  }
  return problems;
}

type LedgerOrder = LedgerOfPaper['orders'][number];

function isWithinSize(order: LedgerOrder, row: PriceEvent, quantity: Decimal): boolean {
  const size = buys(order) ? row.askSize : row.bidSize;
  return size === undefined || quantity.atMost(size);
}

/** The quote; of a stop that triggered in the row no better than there, and no worse than its limit. */
function fairPrice(order: LedgerOrder, row: PriceEvent, at: string): Decimal | undefined {
  const quoted = buys(order) ? row.ask : row.bid;
  const stop = order.events.find((event) => event.kind === 'triggered' && event.at === at)?.price;
  if (quoted === undefined || stop === undefined) return quoted;
  const prices = [quoted, decimal(stop), ...(row.open ? [row.open] : [])];
  const worst = prices.reduce((one, other) => (buys(order) ? one.max(other) : one.min(other)));
  if (order.limitPrice === undefined) return worst;
  return buys(order) ? worst.min(decimal(order.limitPrice)) : worst.max(decimal(order.limitPrice));
}

function buys({ side }: LedgerOrder): boolean {
  return side === 'buy' || side === 'buy_to_cover';
}
