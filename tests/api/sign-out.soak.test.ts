/** Streams that are open when their session ends. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { createHttpServer } from '../../src/api/http/http-server.js';
import { openApi, PUBLIC_URL } from './harness.js';

/** Twice as long as it may take, on a busy machine. */
const ENDS_WITHIN_MS = 60_000;

test.each(['is logged out', 'is disabled'])('T44 a stream ends when its user %s', async (what) => {
  const api = await openApi();
  const server = createHttpServer(api.app, PUBLIC_URL);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cookie = await api.logIn(api.trader);
  const stream = await fetch(`${url}/api/v1/stream`, { headers: { cookie } });
  expect(stream.status).toBe(200);
  const startedAt = performance.now();
  const ended = stream.text();
  if (what === 'is logged out') {
    expect((await api.call('POST', '/auth/logout', { cookie })).status).toBe(204);
  } else {
    const disabled = { disabledAt: new Date() };
    await api.database.prisma.user.update({ where: { id: api.trader.userId }, data: disabled });
  }
  await ended;
  const tookMs = performance.now() - startedAt;
  console.log(`a stream whose user ${what} ended after ${(tookMs / 1_000).toFixed(1)} s`);
  expect(tookMs).toBeLessThan(ENDS_WITHIN_MS);
  server.close();
  await api.close();
});
