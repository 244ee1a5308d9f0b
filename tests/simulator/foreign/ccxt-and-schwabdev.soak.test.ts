import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, it, onTestFinished } from 'vitest';
import { MARKET_HOURS, temporaryDirectory } from '../exchange-fixture.js';
import { LOGIN, TestSimulator } from '../simulator-fixture.js';
import { expectRun } from './clients.js';
import { type Detour, openDetour } from './https-detour.js';
import { quoteAll } from './prices.js';
import { installClients, runWitness } from './python.js';

const APP = { clientId: 'schwabdev-demo-key', clientSecret: 'schwabdev-demo-secrets' };
const CALLBACK = 'https://127.0.0.1';

describe('clients that others wrote, unmodified, at the real addresses', () => {
  let simulator: TestSimulator;
  let detour: Detour;
  beforeAll(async () => {
    await installClients('late');
    simulator = await TestSimulator.start();
    await quoteAll(simulator);
    detour = await openDetour(simulator.url);
  }, 300_000);
  afterAll(async () => {
    detour.close();
    await simulator.close();
  });
  const run = (script: string, settings: Record<string, string | number>) =>
    runWitness(script, settings, { packages: 'late', environment: detour.environment });

  it('ccxt trades at Alpaca', async () => {
    const { credentials } = await simulator.open('alpaca');
    await expectRun('ccxt-alpaca', await run('ccxt_alpaca_witness.py', credentials), {
      ...{ 'sign in': [true, 'PermissionDenied'], account: [100_000, 100_000], positions: [0.009975, 0.009975] },
      quotes: [68_000, 68_010, 68_005, ['BTC/USD', 'ETH/USD'], 5],
      place: ['open', 60_000, 'BadRequest', 'InsufficientFunds'],
      ...{
        read: [true, 'ccxt-1', 68_010],
        replace: [0.02, 61_000, 'canceled'],
        cancel: ['canceled', 'BadRequest', []],
      },
      list: [[true], [['limit', 65_000]], ['canceled', 'canceled', 'closed'], [[true, 68_010, 0.01]]],
    });
  });

  it('ccxt trades at Coinbase', async () => {
    const { credentials } = await simulator.open('coinbase');
    const { credentials: others } = await simulator.open('coinbase');
    const settings = { ...credentials, otherKey: others.privateKey, now: MARKET_HOURS };
    await expectRun('ccxt-coinbase', await run('ccxt_coinbase_witness.py', settings), {
      ...{ 'sign in': [true, true, 'AuthenticationError'], account: [100_000, 100_000], positions: [0.01, 0.01] },
      ...{ quotes: [68_000, 68_010, 68_005, 68_000, 12], place: [true, 'InsufficientFunds'] },
      ...{ read: ['open', 60_000, 68_010], replace: [0.02, 61_000], cancel: 'canceled' },
      list: [[true], [['limit', 65_000]], 3, [[true, 68_010, 0.01]]],
    });
  });

  it('schwabdev signs in as a person does, quotes, places, reads, replaces and cancels', async () => {
    await simulator.open('schwab', { clients: [{ ...APP, redirectUris: [CALLBACK] }] });
    const folder = temporaryDirectory();
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const settings = { ...APP, ...LOGIN, redirectUri: CALLBACK, folder, now: new Date(MARKET_HOURS).toISOString() };
    await expectRun('schwabdev', await run('schwabdev_witness.py', settings), {
      ...{ 'sign in': [1, true, true, 200], account: [100_000, 1], quotes: [212.3, ['ZZZZZ'], 212.35, true, true] },
      ...{ place: [201, 'ACCEPTED', 400], read: [true, 200, 'FILLED'] },
      ...{ replace: [201, 'REPLACED'], cancel: [200, 'CANCELED', 400] },
      list: [true, true, 198.4, [200, [['TRADE', -1062, 'AAPL', 5, 212.4]]]],
      positions: [
        ...[
          ['MMDA1', 100],
          ['912810TM0', 100],
          ['VFIAX', 1.234],
          [null, 100],
        ],
        ['AAPL', 5],
      ],
    });
  });
});
