import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { unlimited } from '../../src/broker-port/request-budget.js';
import { type BrokerCall, BrokerCaller, NotPlaced } from '../../src/wire/caller.js';

const received: string[] = [];
const server = createServer((request, response) => {
  received.push(request.method ?? '');
  response.end('{}');
});
let base: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
afterEach(() => vi.useRealTimers());

/** As of a process that is frozen for so long after it has begun, seen by its clock. */
function frozenFor(milliseconds: number): BrokerCaller {
  vi.useFakeTimers({ toFake: ['Date'] });
  return new BrokerCaller({
    broker: 'schwab',
    access: {
      open: async () => {
        vi.setSystemTime(Date.now() + milliseconds);
        return { key: '', credential: { kind: 'bearer', accessToken: 'secret' } };
      },
      renew: () => Promise.reject(new Error('not asked for')),
    },
    budget: unlimited,
    sign: () => ({}),
  });
}

const call = (method: BrokerCall['method']): BrokerCall => ({ method, url: () => base, priority: 'close' });

it('a write that was held up for as long as a successor may need is not sent any more', async () => {
  await expect(frozenFor(9_000).call('account', call('POST'))).rejects.toThrow(NotPlaced);
  expect(received).toEqual([]);
  expect(await frozenFor(2_000).call('account', call('POST'))).toMatchObject({ status: 200 });
  expect(received).toEqual(['POST']);
});

it('a read may be late', async () => {
  expect(await frozenFor(60_000).call('account', call('GET'))).toMatchObject({ status: 200 });
});
