import { beforeAll, describe, expect, it } from 'vitest';
import { createEtrade } from '../../../src/simulator/etrade/etrade.js';
import { createSchwab } from '../../../src/simulator/schwab/schwab.js';
import { type BrokerServer, startBroker, TUESDAY_11 } from '../broker-server.js';
import { expectRun } from './clients.js';
import { installClients, runWitness } from './python.js';

const redirectUri = 'https://127.0.0.1:8443/cb';
const client = { clientId: 'app', clientSecret: 'app-secret', redirectUri, now: new Date(TUESDAY_11).toISOString() };

async function quoted(broker: BrokerServer): Promise<void> {
  await broker.setPrices('AAPL', { bid: '212.30', ask: '212.40', last: '212.35' });
  await broker.setPrices('MSFT', { bid: '410', ask: '410.10', last: '410' });
  await broker.setPrices('AAPL260618C00210000', { bid: '6.40', ask: '6.50' });
}

describe('clients that others wrote, unmodified', () => {
  beforeAll(() => installClients('early'), 300_000);

  it('schwab-py signs in, quotes, places, reads, replaces and cancels', async () => {
    const broker = await startBroker(createSchwab, [redirectUri]);
    await quoted(broker);
    await expectRun('schwab-py', await runWitness('schwab_witness.py', { url: broker.url, ...client }), {
      ...{ 'sign in': [200, true], account: 25_000, positions: ['MSFT'] },
      quotes: { bid: 212.3, invalid: ['ZZZZZ'], last: 212.35, isOpen: true },
      place: { sold: 'FILLED', option: 'AAPL  260618C00210000', preview: 'ACCEPTED' },
      read: [
        [true, 200, 'PENDING_ACKNOWLEDGEMENT'],
        ['FILLED', 212.4],
      ],
      ...{ replace: [201, 'REPLACED'], cancel: [200, 'CANCELED'], list: 1 },
    });
  });

  it('pyetrade signs in, quotes, places, reads, changes and cancels', async () => {
    const broker = await startBroker((simulator) => createEtrade(simulator), []);
    await quoted(broker);
    await expectRun('pyetrade', await runWitness('etrade_witness.py', { url: broker.url, ...client }), {
      ...{ 'sign in': [1, true, true], account: '25000', quotes: '212.3', positions: 'MSFT' },
      ...{ place: expect.stringContaining('Code: 10002'), read: ['OPEN', 200], replace: ['CANCELLED', true] },
      ...{ cancel: true, list: { empty: {}, resting: [[true, 380]], option: [true] } },
    });
  });
});
