import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { onTestFinished } from 'vitest';
import { decimal } from '../../src/domain/decimal.js';
import { assetClassOf } from '../../src/domain/instrument.js';
import { Exchange } from '../../src/simulator/exchange/exchange.js';
import { Records } from '../../src/simulator/exchange/records.js';
import type { FaultRequest } from '../../src/simulator/faults/fault.js';
import { FaultPlan } from '../../src/simulator/faults/fault-plan.js';
import type { Env } from '../../src/simulator/faults/wire.js';
import type { Protocol, Simulator } from '../../src/simulator/protocol.js';

/** A Tuesday in New York, the market open for an hour and a half. */
export const TUESDAY_11 = Date.parse('2026-03-03T11:00:00-05:00');

/** No prices but those that a test sets. */
const NO_SOURCE = { knows: () => false, symbols: () => [], latest: async () => undefined, events: async () => [] };

export interface BrokerServer {
  exchange: Exchange;
  /** with the broker's prefix */
  url: string;
  account: string;
  /** moves the clock on; it stands still otherwise */
  passSeconds(seconds: number): Promise<void>;
  setPrices(
    symbol: string,
    prices: { bid: string; ask: string; last?: string; bidSize?: string; askSize?: string },
  ): Promise<void>;
  fault(request: Pick<FaultRequest, 'operation' | 'kind'> & Partial<FaultRequest>): void;
}

/** One broker over real HTTP, with an account of anna's, until the test ends. */
export async function startBroker(
  create: (simulator: Simulator) => Protocol,
  redirectUris: string[],
  { keepsRateLimits = false, hasUnrelated = false } = {},
): Promise<BrokerServer> {
  const directory = mkdtempSync(join(tmpdir(), 'arbion-simulator-'));
  const records = new Records(join(directory, 'ledger.jsonl'));
  let wall = TUESDAY_11;
  const exchange = new Exchange(records, NO_SOURCE, () => wall);
  const faults = new FaultPlan(records.collection('faults'));
  const protocol = create({ exchange, faults, keepsRateLimits, hasLags: false, hasUnrelated });
  const app = new Hono<Env>().route(`/${protocol.broker}`, protocol.routes);
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(async () => {
    await new Promise((resolve) => server.close(resolve));
    records.close();
    rmSync(directory, { recursive: true });
  });
  const account = openAccount(exchange, protocol, redirectUris);
  return {
    ...{ exchange, account, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${protocol.broker}` },
    passSeconds: async (seconds) => {
      wall += seconds * 1_000;
      await exchange.advance();
    },
    setPrices: async (symbol, prices) => {
      const texts = Object.entries(prices).map(([name, text]) => [name, decimal(text).toString()]);
      await exchange.setPrices({ symbol, ...Object.fromEntries(texts) });
    },
    fault: (request) => faults.add({ count: 1, ...request }),
  };
}

function openAccount(exchange: Exchange, protocol: Protocol, redirectUris: string[]): string {
  const account = protocol.newAccountId();
  const { broker } = protocol;
  const login = { username: 'anna', password: 'secret' };
  const held = { symbol: 'MSFT', assetClass: assetClassOf('MSFT') ?? 'equity', quantity: '10', averagePrice: '400' };
  exchange.openAccount({ broker, account, login, openedAt: exchange.now(), credentials: {} }, decimal('25000'), [held]);
  exchange.accounts.register(broker, { clientId: 'app', clientSecret: 'app-secret', redirectUris });
  return account;
}
