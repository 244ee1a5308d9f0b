import { beforeAll, describe, expect, it } from 'vitest';
import { createEtrade } from '../../../src/simulator/etrade/etrade.js';
import { createSchwab } from '../../../src/simulator/schwab/schwab.js';
import { type BrokerServer, startBroker, TUESDAY_11 } from '../broker-server.js';
import { installClients, runWitness } from './python.js';

const redirectUri = 'https://127.0.0.1:8443/cb';
const client = { clientId: 'app', clientSecret: 'app-secret', redirectUri, now: new Date(TUESDAY_11).toISOString() };

async function quoted(broker: BrokerServer): Promise<void> {
  await broker.setPrices('AAPL', { bid: '212.30', ask: '212.40', last: '212.35' });
  await broker.setPrices('MSFT', { bid: '410', ask: '410.10', last: '410' });
  await broker.setPrices('AAPL260618C00210000', { bid: '6.40', ask: '6.50' });
}

describe('clients that others wrote, unmodified', () => {
  beforeAll(installClients, 300_000);

  it('schwab-py signs in, quotes, places, reads, replaces and cancels', async () => {
    const broker = await startBroker(createSchwab, [redirectUri]);
    await quoted(broker);
    expect(await runWitness('schwab_witness.py', { url: broker.url, ...client })).toEqual({
      ...{ bid: 212.3, invalid: ['ZZZZZ'], last: 212.35, positions: ['MSFT'], isOpen: true },
      ...{ order: [true, 200, 'PENDING_ACKNOWLEDGEMENT'], listed: 1, replaced: [201, 'REPLACED'] },
      ...{ cancelled: [200, 'CANCELED'], filled: ['FILLED', 212.4], sold: 'FILLED' },
      ...{ option: 'AAPL  260618C00210000', preview: 'ACCEPTED', refreshed: [200, true] },
    });
  });

  it('pyetrade signs in, quotes, places, reads, changes and cancels', async () => {
    const broker = await startBroker((simulator) => createEtrade(simulator), []);
    await quoted(broker);
    expect(await runWitness('etrade_witness.py', { url: broker.url, ...client })).toEqual({
      ...{ buyingPower: '25000', position: 'MSFT', bid: '212.3', empty: {}, order: ['OPEN', 200] },
      repeated: expect.stringContaining('Code: 10002'),
      ...{ changed: ['CANCELLED', true], cancelled: true, resting: [[true, 380]], option: [true] },
      ...{ renewed: true, revoked: true },
    });
  });
});
