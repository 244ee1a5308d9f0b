import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { NotConnected } from '../../src/broker-port/access.js';
import { keepStream, type Line, type StreamOptions, type Talk } from '../../src/wire/stream.js';

const CREDENTIAL = { kind: 'bearer', accessToken: 'a' } as const;

let server: WebSocketServer;
let connections: WebSocket[];
let reported: string[];
let stop: AbortController;
let keeping: Promise<void>;
beforeEach(async () => {
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  [connections, reported, stop, keeping] = [[], [], new AbortController(), Promise.resolve()];
  server.on('connection', (socket) => connections.push(socket));
  await new Promise((resolve) => server.once('listening', resolve));
});
afterEach(async () => {
  stop.abort();
  await keeping;
  for (const client of server.clients) client.terminate();
  await new Promise((resolve) => server.close(resolve));
});

/** Takes every message for a good one, but `unknown`, `throw` and what is no JSON. */
function talk(line: Line): Talk {
  return {
    begin: () => line.ready(),
    hear: (json) => {
      if (json === 'throw') throw new RangeError('thrown');
      if (json === undefined || json === 'unknown') line.unknown(json);
      else reported.push(`heard ${JSON.stringify(json)}`);
    },
  };
}

function keep(change: Partial<StreamOptions> = {}): void {
  const { port } = server.address() as AddressInfo;
  const access = {
    open: async () => ({ key: '', credential: CREDENTIAL }),
    renew: async () => ({ key: '', credential: CREDENTIAL }),
  };
  const options: StreamOptions = {
    ...{ account: 'account-1', access, hasHeartbeats: false, silenceMs: 2_000 },
    open: () => ({ url: `ws://127.0.0.1:${port}`, talk }),
    listener: {
      onLost: (detail) => reported.push(`lost: ${detail}`),
      onUnknown: (detail) => reported.push(`unknown: ${detail}`),
    },
    ...change,
  };
  keeping = keepStream(options, stop.signal);
}

const connected = (times: number) => expect.poll(() => connections.length, { timeout: 10_000 }).toBe(times);

describe('a stream', () => {
  it('comes back when the other side closes it', async () => {
    keep();
    await connected(1);
    connections[0]?.close();
    await connected(2);
    expect(reported).toEqual(['lost: the connection was closed']);
  });

  it('that answers pings is left alone, however quiet it is', async () => {
    keep({ silenceMs: 4_000 });
    await connected(1);
    let pings = 0;
    connections[0]?.on('ping', () => {
      pings += 1;
    });
    await expect.poll(() => pings, { timeout: 20_000 }).toBe(2);
    expect([reported, connections.length]).toEqual([[], 1]);
  });

  it('that should have heartbeats and is quiet is given up', async () => {
    keep({ hasHeartbeats: true });
    await connected(2);
    expect(reported).toEqual(['lost: there was no sign of life']);
  });

  it('that never grants what was asked for is given up, whatever it says', async () => {
    const { port } = server.address() as AddressInfo;
    const open = () => ({ url: `ws://127.0.0.1:${port}`, talk: () => ({ hear: () => undefined }) });
    keep({ hasHeartbeats: true, open });
    server.on('connection', (socket) => setInterval(() => socket.send('1'), 200).unref());
    await connected(2);
    expect(reported).toEqual(['lost: there was no sign of life']);
  });

  it('reports what it does not understand once, and goes on', async () => {
    keep();
    await connected(1);
    for (const text of ['"unknown"', 'no JSON', '"unknown"', '{"good":1.50}']) connections[0]?.send(text);
    await expect.poll(() => reported).toHaveLength(2);
    expect(reported).toEqual(['unknown: a message is not understood: string', 'heard {"good":"1.50"}']);
  });

  it('in which something goes wrong here begins anew', async () => {
    keep();
    await connected(1);
    connections[0]?.send('"throw"');
    await connected(2);
    expect(reported).toEqual(['lost: the stream cannot be followed: thrown']);
  });

  it('is not opened while nothing is wanted of it', async () => {
    let isWanted = false;
    let asked = 0;
    keep({
      isWanted: () => {
        asked += 1;
        return isWanted;
      },
    });
    await expect.poll(() => asked, { timeout: 5_000 }).toBe(2);
    expect(connections).toEqual([]);
    isWanted = true;
    await connected(1);
  });

  it('reports a reason once, however often it is tried again', async () => {
    let tries = 0;
    const open = async () => {
      tries += 1;
      throw new NotConnected('log in first');
    };
    keep({ access: { open, renew: open } });
    await expect.poll(() => tries, { timeout: 10_000 }).toBe(3);
    expect(reported).toEqual(['lost: log in first']);
  });

  it('survives whatever it is reported', async () => {
    keep();
    await connected(1);
    const texts = fc.sample(fc.oneof(fc.string(), fc.json(), fc.constant('{"a":')), { numRuns: 500, seed: 1 });
    for (const text of texts.filter((one) => one !== '"throw"')) connections[0]?.send(text);
    connections[0]?.send('"the last"');
    await expect.poll(() => reported.at(-1), { timeout: 10_000 }).toBe('heard "the last"');
    expect(connections).toHaveLength(1);
  });
});
