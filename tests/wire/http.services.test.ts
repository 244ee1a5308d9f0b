/** What a broker's server may send, and what is taken of it. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { AnswerLost, httpCall } from '../../src/wire/http.js';

const MEGABYTE = 1_000_000;
let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function askOf(answer: RequestListener) {
  server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/orders`;
  return httpCall({ method: 'GET', url, headers: {}, timeoutMs: 60_000 });
}

test('T61 an answer without end is cut off at 16 MB, while it is read', async () => {
  let sent = 0;
  const part = Buffer.alloc(MEGABYTE, 'x');
  const asking = askOf((_request, response) => {
    const more = () => {
      while (!response.destroyed && sent < 500 * MEGABYTE) {
        sent += part.length;
        if (!response.write(part)) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  });
  await expect(asking).rejects.toThrow(AnswerLost);
  // What lies in the buffers of the connection is not read.
  expect(sent).toBeLessThan(60 * MEGABYTE);
});

test('T61 one that becomes large when it is unpacked is cut off there', async () => {
  const packed = gzipSync(Buffer.alloc(120 * MEGABYTE));
  expect(packed.length).toBeLessThan(MEGABYTE);
  const before = process.resourceUsage().maxRSS;
  const asking = askOf((_request, response) => response.setHeader('content-encoding', 'gzip').end(packed));
  await expect(asking).rejects.toThrow(AnswerLost);
  // The most that this process ever had, in KiB.
  expect(process.resourceUsage().maxRSS - before).toBeLessThan(100_000);
});

test('one of 15 MB is taken whole, with letters of several bytes', async () => {
  const text = 'é€😀'.repeat((15 * MEGABYTE) / 9);
  const { status, text: taken } = await askOf((_request, response) => response.end(text));
  expect(status).toBe(200);
  expect(taken === text).toBe(true);
});

test('one without a body is empty', async () => {
  expect((await askOf((_request, response) => response.writeHead(204).end())).text).toBe('');
});
