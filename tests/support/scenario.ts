/**
 * Scenarios: one trade or a few through the real workflow, on a real Temporal server and Postgres, against a broker that is
 * real up to a plan of faults. Written for any broker: what they need of one is `Scenario`.
 */
import { describe, it } from 'vitest';
import type { Broker, BrokerCapabilities } from '../../src/brokers/broker.js';
import type { TradeId } from '../../src/domain/ids.js';
import type { JournalKind } from '../../src/domain/trade/journal.js';
import { FINAL_STATUSES } from '../../src/domain/trade/status.js';
import { liveTradeIds } from '../../src/storage/trade-queries.js';
import { audit } from './audit.js';
import { type BrokerLedger, BrokerRecord } from './broker-record.js';
import { FaultyBroker } from './faulty-broker.js';
import { minute } from './prices.js';
import { openTrading, type Trading, type TradingOptions } from './trading.js';

type Named = { id: TradeId };

export interface Scenario extends Omit<Trading, 'broker' | 'market' | 'goTo' | 'ledger'> {
  /** the plan of faults, and what was called */
  faults: FaultyBroker;
  /** the broker without faults: what somebody does there by hand */
  byHand: Broker;
  ledger(): Promise<BrokerLedger>;
  record(trade: Named): Promise<BrokerRecord>;
  /** moves market time to the row of a minute, or of an index of the day; nothing looks by itself */
  goTo(when: number | string): Promise<void>;
  /** moves on and lets the trade look */
  moveOn(trade: Named, when: number | string): ReturnType<Trading['look']>;
  /** shares leave the account without any order, as when the broker or the owner moves them */
  takeOut(quantity: string): Promise<void>;
  journal(trade: Named): Promise<{ kind: JournalKind; data: Record<string, unknown> }[]>;
  alerts(trade: Named): Promise<{ severity: number; code: string }[]>;
  reservation(trade: Named): Promise<{ daily: string; exposure: string; pending: string }>;
}

export interface ScenarioOptions extends Omit<TradingOptions, 'aroundBroker'> {
  capabilities?: Partial<BrokerCapabilities>;
}

export interface ScenarioBroker {
  name: string;
  open(options: ScenarioOptions): Promise<Scenario>;
}

/** Everything a scenario must hold at. */
export const scenarioBrokers: readonly ScenarioBroker[] = [{ name: 'paper', open: openPaperScenario }];

export type DefineScenario = (
  title: string,
  options: ScenarioOptions,
  play: (scenario: Scenario) => Promise<void>,
) => void;

/** A group of scenarios, each played at every broker, and audited at its end. */
export function scenarios(group: string, define: (scenario: DefineScenario) => void): void {
  describe(group, () => {
    for (const { name, open } of scenarioBrokers) {
      describe(name, () => {
        define((title, options, play) => {
          it.concurrent(title, async () => {
            const scenario = await open(options);
            try {
              await play(scenario);
              await auditAtRest(scenario);
            } finally {
              await scenario.close();
            }
          });
        });
      });
    }
  });
}

/** The broker, the database and the journal agree, and the history of a trade that ended leads to the same decisions again. */
async function auditAtRest(scenario: Scenario): Promise<void> {
  const { prisma } = scenario.database;
  for (const id of await liveTradeIds(prisma)) await scenario.look({ id });
  await audit(prisma, await scenario.ledger());
  const ended = await prisma.trade.findFirst({ where: { status: { in: [...FINAL_STATUSES] } } });
  if (ended) await scenario.replay({ id: ended.id as TradeId });
}

async function openPaperScenario({ capabilities, ...options }: ScenarioOptions): Promise<Scenario> {
  const ports: FaultyBroker[] = [];
  const aroundBroker = (real: Broker) => {
    const port = new FaultyBroker(real, capabilities);
    ports.push(port);
    return port;
  };
  const { broker, goTo: goToMinute, ...trading } = await openTrading({ ...options, aroundBroker });
  const [faults] = ports;
  if (!faults) throw new Error('nobody asked for the broker');
  const { prisma } = trading.database;
  const goTo = (when: number | string) => goToMinute(typeof when === 'number' ? minute(when) : when);
  return {
    ...trading,
    faults,
    byHand: broker,
    goTo,
    ledger: () => broker.ledger(),
    record: async (trade) => new BrokerRecord(await broker.ledger(), trade),
    moveOn: async (trade, when) => {
      await goTo(when);
      return trading.look(trade);
    },
    takeOut: async (quantity) => {
      const { pool } = trading.database;
      await pool.query('UPDATE paper_positions SET quantity = quantity - $1', [quantity]);
      await pool.query('DELETE FROM paper_positions WHERE quantity = 0');
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
