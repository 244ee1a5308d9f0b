/** The complete simulator: one exchange, one fault plan, four brokers' protocols, one control interface. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Hono } from 'hono';
import { createAlpaca } from './alpaca/alpaca.js';
import { createCoinbase } from './coinbase/coinbase.js';
import { createControl } from './control/control.js';
import { createEtrade } from './etrade/etrade.js';
import { Exchange } from './exchange/exchange.js';
import type { PriceSource } from './exchange/market.js';
import { Records } from './exchange/records.js';
import { FaultPlan } from './faults/fault-plan.js';
import type { Env } from './faults/wire.js';
import type { Protocol, ServeStream, Simulator } from './protocol.js';
import { createSchwab } from './schwab/schwab.js';

export interface SimulatorOptions {
  /** the directory of the ledger file */
  directory: string;
  source: PriceSource;
  /** whether the brokers' published rate limits are enforced */
  keepsRateLimits?: boolean;
  /** whether lists of orders and positions lag behind, as those of real brokers do */
  hasLags?: boolean;
  /** whether accounts hold and list what Arbion never trades, as people's accounts do */
  hasUnrelated?: boolean;
  /** epoch milliseconds; the machine's clock unless given */
  wall?: () => number;
}

export interface RunningSimulator extends Simulator {
  app: Hono<Env>;
  /** web sockets by their full path */
  streams: ReadonlyMap<string, ServeStream>;
  protocols: readonly Protocol[];
  close(): Promise<void>;
}

/** How often resting orders are matched while no calls come in. */
const TICK_MS = 250;

export function openSimulator(options: SimulatorOptions): RunningSimulator {
  const { directory, source, wall, keepsRateLimits = true, hasLags = false, hasUnrelated = true } = options;
  mkdirSync(directory, { recursive: true });
  const records = new Records(join(directory, 'ledger.jsonl'));
  const exchange = new Exchange(records, source, wall);
  const faults = new FaultPlan(records.collection('faults'));
  const simulator: Simulator = { exchange, faults, keepsRateLimits, hasLags, hasUnrelated };
  const protocols = [
    createAlpaca(simulator),
    createCoinbase(simulator),
    createSchwab(simulator),
    createEtrade(simulator, wall === undefined ? {} : { wall }),
  ];
  const ticking = startTicking(exchange);
  return {
    ...simulator,
    protocols,
    app: createApp(simulator, protocols),
    streams: streamsOf(protocols),
    close: async () => {
      await ticking.stop();
      await records.flushed();
      records.close();
    },
  };
}

function createApp(simulator: Simulator, protocols: readonly Protocol[]): Hono<Env> {
  const app = new Hono<Env>();
  app.get('/', (context) =>
    context.json({ brokers: protocols.map(({ broker }) => broker), control: '/control/ledger' }),
  );
  app.route('/control', createControl(simulator, new Map(protocols.map((protocol) => [protocol.broker, protocol]))));
  for (const { broker, routes } of protocols) app.route(`/${broker}`, routes);
  return app;
}

function streamsOf(protocols: readonly Protocol[]): RunningSimulator['streams'] {
  return new Map(
    protocols.flatMap(({ broker, streams = {} }) =>
      Object.entries(streams).map(([path, serve]) => [`/${broker}${path}`, serve] as const),
    ),
  );
}

function startTicking(exchange: Exchange): { stop(): Promise<void> } {
  let running: Promise<void> | undefined;
  const tick = async () => {
    running ??= exchange.advance();
    await running;
    running = undefined;
  };
  const timer = setInterval(() => void tick(), TICK_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
