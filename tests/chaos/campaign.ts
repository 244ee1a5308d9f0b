/** One broker's run: trades under faults and kills, then a time to come to rest, then the books. */
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
  /** of each fault at each call that it fits */
  rate: number;
  kills: boolean;
  /** trades that are under way at the same time */
  atOnce: number;
  /** calls are rationed as in production: a burst waits for its turn */
  budget: boolean;
  report(line: string): void;
}

export interface Servers {
  databaseUrl: string;
  temporal: { address: string; namespace: string };
}

export interface CampaignResult extends Books {
  broker: LiveBroker;
  settleWindowMs: number;
  hits: Record<string, number>;
  kills: number;
  seconds: number;
  findings: Finding[];
}

const TICKET_SECRET = 'a secret that is long enough for one run';
/** Not everybody comes at once. */
const RAMP_MS = 150;
export const DEFAULT_AT_ONCE = 80;
const ACCOUNTS = 8;
const MONITOR_MS = 5_000;
/** Shortened where it is 75 s: what is lost lasts 11 s at the longest here, and lists lag 3 s. */
const ABSENCE_WINDOW_MS: Record<LiveBroker, number> = {
  alpaca: 15_000,
  coinbase: 15_000,
  etrade: 20_000,
  schwab: 20_000,
};
/** After so long without an end there will be none: a stuck trade is taken over after a minute or so. */
const REST_MS = 240_000;
const ASK_AGAIN_MS = 4_000;

export async function runCampaign(options: CampaignOptions, servers: Servers): Promise<CampaignResult> {
  const { broker, seed, kills, report } = options;
  const started = performance.now();
  const dice = new Dice(seed, broker);
  const database = createDatabase(servers.databaseUrl, { poolSize: 20 });
  const exchange = await ChaosExchange.open(broker, ACCOUNTS);
  const settleWindowMs = ABSENCE_WINDOW_MS[broker];
  const settings = {
    ...servers,
    ...{ ticketSecret: TICKET_SECRET, broker, settleWindowMs, monitorIntervalMs: MONITOR_MS },
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
    report('the faults are over; what is open is closed');
    await comeToRest(exchange, traders, report);
    const books = await keepBooks(database.prisma, exchange);
    const seconds = Math.round((performance.now() - started) / 1_000);
    const findings = [...books.findings, ...(await traders.failedWorkflows())];
    return { ...books, findings, broker, settleWindowMs, hits, kills: fleet.kills, seconds };
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

/** Until every trade has ended, or nothing has ended for so long that it is no longer to be expected. */
async function comeToRest(exchange: ChaosExchange, traders: Traders, report: (line: string) => void): Promise<void> {
  let fewest = Number.POSITIVE_INFINITY;
  let until = 0;
  for (;;) {
    const left = await traders.unfinished();
    if (left.length === 0) break;
    report(`${left.length} trades are not over yet`);
    if (left.length < fewest) until = Date.now() + REST_MS;
    fewest = Math.min(fewest, left.length);
    if (Date.now() > until) break;
    const free = await traders.ordersOfNobody(exchange);
    await traders.endAll((lost) => free.some((order) => exchange.looksLike(lost, order)));
    await pause(ASK_AGAIN_MS);
  }
}
