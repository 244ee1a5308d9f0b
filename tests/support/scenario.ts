/**
 * Scenarios: one or a few trades through the real workflow, on a real Temporal server and Postgres, against a broker that is
 * real except for planned faults. They are written for any broker; what they need of one is `Scenario`.
 */
import { describe, it } from 'vitest';
import type { Broker, BrokerCapabilities } from '../../src/broker-port/broker.js';
import type { TradeId } from '../../src/domain/ids.js';
import type { AssetClass } from '../../src/domain/instrument.js';
import type { OrderRequest } from '../../src/domain/order.js';
import type { JournalKind } from '../../src/domain/trade/journal.js';
import { FINAL_STATUSES } from '../../src/domain/trade/status.js';
import { liveTradeIds } from '../../src/storage/trade-queries.js';
import { audit, type FillReports } from './audit.js';
import { type BrokerLedger, BrokerRecord, withOurIds } from './broker-record.js';
import { FaultyBroker } from './faulty-broker.js';
import type { AnnouncedSplit, PricePaths } from './market-files.js';
import { paperMarket } from './paper-market.js';
import { minute } from './prices.js';
import type { TestMarket } from './test-market.js';
import { openTradingAt, type PlainRequest, type Trades, type WorkOptions } from './trading.js';

type Named = { id: TradeId };

export interface Scenario extends Trades, Pick<TestMarket, 'database'> {
  /** what the broker can do, and how it differs from others where a scenario sees it */
  can: BrokerCapabilities;
  traits: BrokerTraits;
  /** the instrument that trades are in unless they say otherwise */
  symbol: string;
  /** an instrument of this name, as this broker would have it */
  instrument(name: string): { symbol: string; assetClass: AssetClass };
  /** the plan of faults, and what was called */
  faults: FaultyBroker;
  /** the broker without faults and past Arbion: what somebody does there manually */
  byHand: Pick<Broker, 'place' | 'cancel' | 'openOrders'>;
  ledger(): Promise<BrokerLedger>;
  /** every trade of the database against the broker's ledger, which has no other orders but those placed manually */
  audit(): Promise<void>;
  record(trade: Named): Promise<BrokerRecord>;
  /** moves market time to the row of a minute, or of an index of the day; nothing looks by itself */
  goTo(when: number | string): Promise<void>;
  /** moves on and lets the trade look */
  moveOn(trade: Named, when: number | string): ReturnType<Trades['look']>;
  journal(trade: Named): Promise<{ kind: JournalKind; data: Record<string, unknown> }[]>;
  alerts(trade: Named): Promise<{ severity: number; code: string }[]>;
  reservation(trade: Named): Promise<{ daily: string; exposure: string; pending: string }>;
  close(): Promise<void>;
}

interface MarketOptions {
  prices: PricePaths;
  splits?: readonly AnnouncedSplit[];
  openingCash?: string;
}

export interface ScenarioOptions extends MarketOptions, Omit<WorkOptions, 'aroundBroker' | 'request'> {
  capabilities?: Partial<BrokerCapabilities>;
  /** an entry fills in part: played for each `onPartialFill` where that makes a difference */
  fillsInPart?: boolean;
}

interface BrokerTraits {
  /** how the broker reports fills */
  fills: FillReports;
  /** what a market order leaves unfilled goes on working; elsewhere the broker cancels it at once */
  marketRests: boolean;
  /** of what is traded, at each fill */
  feeRate: string;
  /** what is left of an entry that filled in part is cancelled: `onPartialFill`, where a stop cannot rest beside it */
  cancelsRest: boolean;
}

export interface ScenarioBroker {
  title: string;
  open(options: MarketOptions): Promise<TestMarket>;
  traits: BrokerTraits;
  assetClass: AssetClass;
}

export const paper: ScenarioBroker = {
  title: 'paper',
  open: ({ prices, ...options }) => paperMarket(prices, options),
  traits: { fills: 'by_id', marketRests: true, feeRate: '0', cancelsRest: false },
  assetClass: 'equity',
};

type DefineScenario = (title: string, options: ScenarioOptions, play: (scenario: Scenario) => Promise<void>) => void;

export interface ScenarioGroup {
  title: string;
  define: (scenario: DefineScenario) => void;
}

/** Scenarios that are played at more than one broker: written here, run by the test files of `tests/scenarios`. */
export function group(title: string, define: ScenarioGroup['define']): ScenarioGroup {
  return { title, define };
}

/** A group of scenarios, each played at the paper broker or at all of `brokers`, and audited at its end. */
export function scenarios(
  group: string,
  define: ScenarioGroup['define'],
  brokers: readonly ScenarioBroker[] = [paper],
): void {
  const defined: Parameters<DefineScenario>[] = [];
  define((...scenario) => defined.push(scenario));
  describe(group, () => {
    for (const broker of brokers) {
      const played = defined.filter(([, { fillsInPart }]) => fillsInPart || !broker.traits.cancelsRest);
      if (played.length > 0) describe(broker.title, () => playAll(broker, played));
    }
  });
}

function playAll(broker: ScenarioBroker, defined: Parameters<DefineScenario>[]): void {
  for (const [title, options, play] of defined) {
    it.concurrent(title, async () => {
      const scenario = await openScenario(broker, options);
      try {
        await play(scenario);
        await auditAtRest(scenario);
      } finally {
        await scenario.close();
      }
    });
  }
}

/** The broker, the database and the journal agree, and the history of a trade that ended leads to the same decisions again. */
async function auditAtRest(scenario: Scenario): Promise<void> {
  const { prisma } = scenario.database;
  for (const id of await liveTradeIds(prisma)) await scenario.look({ id });
  await scenario.audit();
  const ended = await prisma.trade.findFirst({ where: { status: { in: [...FINAL_STATUSES] } } });
  if (ended) await scenario.replay({ id: ended.id as TradeId });
}

/** Opens what a scenario is played on; `close` ends it. */
export async function openScenario(at: ScenarioBroker, options: ScenarioOptions): Promise<Scenario> {
  const { capabilities, prices, splits, openingCash, ...work } = options;
  const { traits, assetClass } = at;
  const instrument = (name: string) => ({ symbol: assetClass === 'crypto' ? `${name}-USD` : name, assetClass });
  const market = await at.open({
    prices: assetClass === 'crypto' ? asCoins(prices) : prices,
    ...(splits && { splits }),
    ...(openingCash !== undefined && { openingCash }),
  });
  const { broker, database } = market;
  const { prisma } = database;
  const faults = new FaultyBroker(broker, capabilities, market.marketTimeAt);
  const request: PlainRequest = {
    broker: broker.name,
    ...instrument('AAPL'),
    onPartialFill: traits.cancelsRest ? 'cancel_rest' : 'emulate',
  };
  const trading = await openTradingAt(market, { ...work, request, aroundBroker: () => faults });

  const placedByHand = new Set<string>();
  const byHand: Scenario['byHand'] = {
    place: async (account, order) => {
      const outcome = await broker.place(account, order, await previewOf(broker, account, order));
      if (outcome.outcome === 'accepted') placedByHand.add(outcome.order.orderId);
      return outcome;
    },
    cancel: (account, orderId) => broker.cancel(account, orderId),
    openOrders: (account) => broker.openOrders(account),
  };
  const goTo = (when: number | string) => market.goTo(typeof when === 'number' ? minute(when) : when);
  const ledger = async () => {
    const books = await market.ledger();
    return broker.capabilities.findsById ? books : withOurIds(prisma, books);
  };
  return {
    ...trading,
    can: faults.capabilities,
    traits,
    symbol: instrument('AAPL').symbol,
    instrument,
    faults,
    byHand,
    goTo,
    ledger,
    audit: async () => {
      const { orders, positions } = await ledger();
      const ours = orders.filter(({ orderId }) => !placedByHand.has(orderId));
      await audit(prisma, { orders: ours, positions }, traits.fills);
    },
    record: async (trade) => new BrokerRecord(await ledger(), trade),
    moveOn: async (trade, when) => {
      await goTo(when);
      return trading.look(trade);
    },
    journal: async ({ id }) => {
      const events = await prisma.tradeEvent.findMany({ where: { tradeId: id }, orderBy: { id: 'asc' } });
      return events.map(({ kind, data }) => ({ kind: kind as JournalKind, data: data as Record<string, unknown> }));
    },
    alerts: ({ id }) =>
      prisma.alert.findMany({ where: { tradeId: id }, select: { severity: true, code: true }, orderBy: { id: 'asc' } }),
    reservation: async ({ id }) => {
      const { daily, exposure, pending } = await prisma.reservation.findUniqueOrThrow({ where: { tradeId: id } });
      return { daily: `${daily}`, exposure: `${exposure}`, pending: `${pending}` };
    },
  };
}

/** The same prices, of shares as of coins. */
function asCoins(prices: PricePaths): PricePaths {
  const entries = Object.entries(prices);
  return Object.fromEntries(entries.map(([path, rows]) => [path.replace(/^equity\/(.*)$/, 'crypto/$1-USD'), rows]));
}

async function previewOf(broker: Broker, account: string, order: OrderRequest): Promise<string | undefined> {
  const preparation = await broker.prepare?.(account, order);
  return preparation?.outcome === 'ready' ? preparation.token : undefined;
}
