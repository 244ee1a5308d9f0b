/** Alpaca's streams as a client hears them that asks for MessagePack, as alpaca-py does (alpaca/data/live/websocket.py). */
import { decode, encode } from '@msgpack/msgpack';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { type Body, TestSimulator } from './simulator-fixture.js';

let simulator: TestSimulator;
let keys: { key: string; secret: string };
beforeEach(async () => {
  simulator = await TestSimulator.start();
  const { credentials } = await simulator.open('alpaca');
  keys = { key: credentials.keyId, secret: credentials.secretKey };
  await simulator.market('AAPL', '149.9', '150', { last: '150' });
});
afterEach(() => simulator.close());

async function connected(path: string): Promise<{ seen: Body[]; send(json: object): void }> {
  const headers = { 'Content-Type': 'application/msgpack' };
  const socket = new WebSocket(simulator.url.replace('http', 'ws') + path, { headers });
  const seen: Body[] = [];
  socket.on('message', (data: Buffer) => seen.push(decode(data)));
  onTestFinished(() => socket.terminate());
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return { seen, send: (json) => socket.send(encode(json)) };
}

it('sends packed quotes, whose times are time stamps', async () => {
  const { seen, send } = await connected('/alpaca/v2/iex');
  send({ action: 'auth', ...keys });
  send({ action: 'subscribe', quotes: ['AAPL'] });
  await expect.poll(() => seen.length).toBe(4);
  expect(seen).toMatchObject([
    [{ T: 'success', msg: 'connected' }],
    [{ T: 'success', msg: 'authenticated' }],
    [{ T: 'subscription', quotes: ['AAPL'] }],
    [{ T: 'q', S: 'AAPL', bp: 149.9, ap: 150, t: new Date(simulator.clock.now()) }],
  ]);
});

it('answers packed on the stream of orders', async () => {
  const { seen, send } = await connected('/alpaca/stream');
  send({ action: 'auth', ...keys });
  send({ action: 'listen', data: { streams: ['trade_updates'] } });
  await expect.poll(() => seen.length).toBeGreaterThan(2);
  expect(seen.slice(0, 3)).toMatchObject([
    { stream: 'authorization', data: { status: 'authorized' } },
    { stream: 'listening', data: { streams: ['trade_updates'] } },
    { stream: 'trade_updates', data: { event: 'pending_new' } },
  ]);
});

it('says so when a message cannot be unpacked', async () => {
  const { seen, send } = await connected('/alpaca/v2/iex');
  send([1, 2]);
  await expect.poll(() => seen.at(-1)).toEqual([{ T: 'error', code: 400, msg: 'invalid syntax' }]);
});
