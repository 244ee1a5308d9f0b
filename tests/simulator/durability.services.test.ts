import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { afterEach, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../src/launcher/ports.js';
import { eventually } from '../support/eventually.js';
import { temporaryDirectory } from './exchange-fixture.js';
import type { Body } from './simulator-fixture.js';

const ANSWERS_BEFORE_KILL = 20;

let running: ChildProcess | undefined;
afterEach(() => {
  running?.kill('SIGKILL');
});

async function start(directory: string, port: number): Promise<ChildProcess> {
  const env = { ...process.env, SIMULATOR_HOME: directory, SIMULATOR_PORT: String(port), SIMULATOR_RATE_LIMITS: 'off' };
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/simulator/main.ts'], { env, stdio: 'ignore' });
  running = child;
  const isUp = () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );
  await eventually(isUp, 'the simulator is ready', 60_000);
  return child;
}

it('killed in the middle of its work, it has everything that it has answered', async () => {
  const directory = temporaryDirectory();
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const json = async (method: string, path: string, body?: object, headers: object = {}): Promise<Body> => {
    const sent = body ? { body: JSON.stringify(body) } : {};
    const answer = await fetch(url + path, {
      method,
      ...sent,
      headers: { 'content-type': 'application/json', ...headers },
    });
    return await answer.json();
  };
  const first = await start(directory, port);
  await json('POST', '/control/market', { symbol: 'BTC-USD', bid: '68000', ask: '68010', last: '68005' });
  await json('POST', '/control/faults', { kind: 'http_500', operation: 'quote', count: 3 });
  const { items } = await json('GET', '/control/accounts');
  const { credentials } = items.find((account: Body) => account.broker === 'alpaca');
  const headers = { 'APCA-API-KEY-ID': credentials.keyId, 'APCA-API-SECRET-KEY': credentials.secretKey };

  const answered = new Set<string>();
  const order = { symbol: 'BTC/USD', qty: '0.001', side: 'buy', type: 'market', time_in_force: 'gtc' };
  try {
    for (let n = 0; n < 5_000; n++) {
      const { client_order_id: id } = await json(
        'POST',
        '/alpaca/v2/orders',
        { ...order, client_order_id: `arb-${n}` },
        headers,
      );
      answered.add(id);
      // From now on the kill comes in the middle of some later order.
      if (answered.size === ANSWERS_BEFORE_KILL) setTimeout(() => first.kill('SIGKILL'), 20);
    }
  } catch {
    // The process is gone.
  }
  if (first.exitCode === null && first.signalCode === null) await once(first, 'exit');
  expect(answered.size).toBeGreaterThanOrEqual(ANSWERS_BEFORE_KILL);

  await start(directory, port);
  const ledger = await json('GET', '/control/ledger?broker=alpaca');
  const recorded = new Map<string, Body>(ledger.orders.map((kept: Body) => [kept.clientOrderId, kept]));
  expect([...answered].filter((id) => recorded.get(id)?.status !== 'filled')).toEqual([]);
  expect(recorded.size - answered.size).toBeLessThanOrEqual(1);
  const filled = ledger.orders.filter((kept: Body) => kept.status === 'filled').length;
  expect(Number(ledger.positions[0].quantity)).toBeCloseTo(filled * 0.001);
  expect((await json('GET', '/control/faults')).items).toMatchObject([{ kind: 'http_500', hits: 0 }]);
  expect((await json('GET', '/alpaca/v1beta3/crypto/us/latest/quotes?symbols=BTC/USD', undefined, headers)).code).toBe(
    50410000,
  );
});
