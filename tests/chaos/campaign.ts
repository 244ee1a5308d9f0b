/** One broker's run: trades under faults and kills, then time for them to end, then the audit. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Finding } from '../../src/audit/facts.js';
import type { LiveBroker } from '../../src/domain/broker-login.js';
import { createDatabase } from '../../src/storage/database.js';
import { type Books, keepBooks } from './books.js';
import { Dice } from './dice.js';
import { ChaosExchange } from './exchange.js';
import { faultHits, planFaults } from './fault-mix.js';
import { planTrade } from './trade-plan.js';
import { Traders } from './traders.js';
import { WorkerFleet } from './worker-fleet.js';

export interface CampaignOptions {
  broker: LiveBroker;
  trades: number;
  seed: number;
  /** the probability of each fault at each call that it applies to */
  rate: number;
  kills: boolean;
  /** trades that run at the same time */
  atOnce: number;
  /** whether request budgets are enforced as in production */
  budget: boolean;
  report(line: string): void;
}

export interface Servers {
  databaseUrl: string;
  temporal: { address: string; namespace: string };
}

export interface CampaignResult extends Books {
  broker: LiveBroker;
  absenceWindowMs: number;
  hits: Record<string, number>;
  kills: number;
  seconds: number;
  findings: Finding[];
}

const TICKET_SECRET = 'a secret that is long enough for one run';
/** Traders start one after the other, this far apart. */
const RAMP_MS = 150;
export const DEFAULT_AT_ONCE = 80;
/** Alpaca refuses a trade beside another one of its symbol in the account: with few accounts most would be refused. */
const ACCOUNTS: Record<LiveBroker, number> = { alpaca: 40, coinbase: 8, etrade: 8, schwab: 8 };
const MONITOR_MS = 5_000;
/** Shorter than in production (75 s): here a lost order appears after at most 11 s, and lists lag by 3 s. */
const ABSENCE_WINDOW_MS: Record<LiveBroker, number> = {
  alpaca: 15_000,
  coinbase: 15_000,
  etrade: 20_000,
  schwab: 20_000,
};
/** After this long without the end of a trade, the others are stuck: a takeover needs only about a minute. */
const REST_MS = 240_000;
const ASK_AGAIN_MS = 4_000;

export async function runCampaign(options: CampaignOptions, servers: Servers): Promise<CampaignResult> {
  const { broker, seed, kills, report } = options;
  const started = performance.now();
  const dice = new Dice(seed, broker);
  const database = createDatabase(servers.databaseUrl, { poolSize: 20 });
  const exchange = await ChaosExchange.open(broker, ACCOUNTS[broker]);
  const absenceWindowMs = ABSENCE_WINDOW_MS[broker];
  const settings = {
    ...servers,
    ...{ ticketSecret: TICKET_SECRET, broker, settleWindowMs: absenceWindowMs, monitorIntervalMs: MONITOR_MS },
    budget: options.budget,
    ...{ simulatorUrl: exchange.simulator.url, offsetMs: exchange.offsetMs },
    accounts: Object.fromEntries(exchange.accounts.map(({ id, opened }) => [id, opened])),
  };
  const fleet = await WorkerFleet.start(settings, (line) => report(`worker: ${line}`));
  const traders = await Traders.open(database.prisma, servers.temporal, TICKET_SECRET);
  try {
    exchange.move(dice.of('prices'));
    if (options.rate > 0) await planFaults(exchange.simulator, broker, options.rate, dice.of('faults'));
    if (kills) fleet.killNowAndThen(dice.of('kills'));
    await trade(options, exchange, traders, dice.of('trades'));
    await fleet.spare();
    const hits = await faultHits(exchange.simulator);
    await exchange.simulator.call('DELETE', '/control/faults');
    await exchange.standStill();
    report('faults lifted; closing the open trades');
    await awaitEnds(exchange, traders, report);
    const books = await keepBooks(database.prisma, exchange);
    const seconds = Math.round((performance.now() - started) / 1_000);
    const findings = [...books.findings, ...(await traders.failedWorkflows())];
    return { ...books, findings, broker, absenceWindowMs, hits, kills: fleet.kills, seconds };
  } finally {
    await traders.close();
    await fleet.end();
    await exchange.close();
    await database.close();
  }
}

async function trade(options: CampaignOptions, exchange: ChaosExchange, traders: Traders, dice: Dice): Promise<void> {
  const { trades, atOnce, report } = options;
  let begun = 0;
  let done = 0;
  const lane = async (number: number) => {
    await pause((number * RAMP_MS * DEFAULT_AT_ONCE) / atOnce);
    while (begun < trades) {
      begun += 1;
      await traders.seeThrough(planTrade(exchange, dice));
      done += 1;
      if (done % 20 === 0 || done === trades) report(`${done} of ${trades} trades`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, trades) }, (_, number) => lane(number)));
}

/** Waits until every trade has ended, or no trade has ended for too long. */
async function awaitEnds(exchange: ChaosExchange, traders: Traders, report: (line: string) => void): Promise<void> {
  let fewest = Number.POSITIVE_INFINITY;
  let until = 0;
  for (;;) {
    const left = await traders.unfinished();
    if (left.length === 0) break;
    report(`${left.length} trades still running`);
    if (left.length < fewest) until = Date.now() + REST_MS;
    fewest = Math.min(fewest, left.length);
    if (Date.now() > until) break;
    const free = await traders.ordersOfNobody(exchange);
    await traders.endAll((lost) => free.some((order) => exchange.looksLike(lost, order)));
    await pause(ASK_AGAIN_MS);
  }
}
