import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Body, TestSimulator } from './simulator-fixture.js';

let simulator: TestSimulator;
let credentials: Record<string, string>;
beforeEach(async () => {
  simulator = await TestSimulator.start();
  ({ credentials } = await simulator.open('alpaca'));
  await simulator.market('AAPL', '149.9', '150', { last: '150' });
});
afterEach(() => simulator.close());

/** A hand-made client: short frames only, as the server's answers in these tests are read as a whole. */
async function connect(path = '/alpaca/stream'): Promise<{ socket: Socket; send(json: object): void; seen: Body[] }> {
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    'Sec-WebSocket-Version': '13',
  };
  const socket = await new Promise<Socket>((resolve, reject) => {
    const asked = request(simulator.url + path, { headers });
    asked.on('upgrade', (_answer, upgraded: Socket) => resolve(upgraded));
    asked.on('error', reject);
    asked.end();
  });
  const seen: Body[] = [];
  let received = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 4) {
      const short = received.readUInt8(1);
      const [start, size] = short === 126 ? [4, received.readUInt16BE(2)] : [2, short];
      if (received.length < start + size) return;
      seen.push(JSON.parse(received.subarray(start, start + size).toString()));
      received = received.subarray(start + size);
    }
  });
  const send = (json: object) => {
    const payload = Buffer.from(JSON.stringify(json));
    const mask = randomBytes(4);
    const masked = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
    const header =
      payload.length < 126 ? [0x81, 0x80 | payload.length] : [0x81, 0xfe, payload.length >> 8, payload.length & 0xff];
    socket.write(Buffer.concat([Buffer.from(header), mask, masked]));
  };
  return { socket, send, seen };
}

async function listening() {
  const client = await connect();
  client.send({ action: 'auth', key: credentials.keyId, secret: credentials.secretKey });
  client.send({ action: 'listen', data: { streams: ['trade_updates'] } });
  await expect
    .poll(() => client.seen.slice(0, 2))
    .toEqual([
      { stream: 'authorization', data: { status: 'authorized', action: 'authenticate' } },
      { stream: 'listening', data: { streams: ['trade_updates'] } },
    ]);
  const kinds = ['pending_new', 'new', 'order_cancel_rejected', 'something_new'];
  await expect.poll(() => client.seen.slice(2).map(({ data }) => data.event)).toEqual(kinds);
  client.seen.length = 0;
  return client;
}

const buy = () => {
  const headers = { 'APCA-API-KEY-ID': credentials.keyId ?? '', 'APCA-API-SECRET-KEY': credentials.secretKey ?? '' };
  const json = { symbol: 'AAPL', qty: '40', side: 'buy', type: 'market', time_in_force: 'day' };
  return simulator.call('POST', '/alpaca/v2/orders', { headers, json });
};

it('reports what happens to orders', async () => {
  const client = await listening();
  await simulator.market('AAPL', '149.9', '150', { askSize: '15' });
  const { body } = await buy();
  await simulator.market('AAPL', '149.9', '150');
  await expect.poll(() => client.seen.length).toBe(3);
  expect(client.seen).toMatchObject([
    { stream: 'trade_updates', data: { event: 'new', order: { id: body.id } } },
    { data: { event: 'partial_fill', qty: '15', price: '150', execution_id: expect.any(String) } },
    { data: { event: 'fill', qty: '25', position_qty: '40', order: { status: 'filled' } } },
  ]);
});

it('says no to a wrong key, and sends it nothing', async () => {
  const client = await connect();
  client.send({ action: 'authenticate', data: { key_id: credentials.keyId, secret_key: 'wrong' } });
  client.send({ action: 'listen', data: { streams: ['trade_updates'] } });
  await expect.poll(() => client.seen.length).toBe(2);
  expect(client.seen).toMatchObject([{ data: { status: 'unauthorized' } }, { data: { streams: [] } }]);
  await buy();
  expect(client.seen).toHaveLength(2);
});

it('loses, repeats and breaks off by plan', async () => {
  const client = await listening();
  await simulator.fault('timeout_before', 'stream');
  await simulator.fault('duplicate_delivery', 'stream');
  await buy();
  await expect.poll(() => client.seen.map(({ data }) => data.event)).toEqual(['fill', 'fill']);
  await simulator.fault('disconnect', 'stream');
  await buy();
  await expect.poll(() => client.socket.destroyed).toBe(true);
});

it('is at its own path only', async () => {
  await expect(connect('/alpaca/other')).rejects.toThrow();
});

// "Orders" in Alpaca's documentation: the order in the event of a replacement names the one that takes its place.
it('says which order took the place of another', async () => {
  const { seen } = await listening();
  const headers = { 'APCA-API-KEY-ID': credentials.keyId ?? '', 'APCA-API-SECRET-KEY': credentials.secretKey ?? '' };
  const limit = { symbol: 'AAPL', qty: '1', side: 'buy', type: 'limit', limit_price: '100', time_in_force: 'day' };
  const { body } = await simulator.call('POST', '/alpaca/v2/orders', { headers, json: limit });
  const json = { limit_price: '101' };
  const moved = await simulator.call('PATCH', `/alpaca/v2/orders/${body.id}`, { headers, json });
  const replaced = () => seen.find(({ data }) => data.event === 'replaced');
  await expect.poll(replaced).toMatchObject({ data: { order: { id: body.id, replaced_by: moved.body.id } } });
});
