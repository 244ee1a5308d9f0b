import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TradeId } from '../../src/domain/ids.js';
import { insertAcceptedTrade } from '../../src/storage/accepted-trades.js';
import { tradeRequest } from '../support/trading.js';
import { expectProblem, openApi, PUBLIC_URL, type TestTrader } from './harness.js';

let api: Awaited<ReturnType<typeof openApi>>;
let ids: string[];
beforeAll(async () => {
  api = await openApi();
  ids = [];
  for (let index = 0; index < 5; index++)
    ids.unshift(await addTrade(api.trader, { symbol: index % 2 ? 'AAPL' : 'BTC-USD' }));
});
afterAll(() => api.close());

/** A recorded trade that nobody starts. */
async function addTrade(trader: TestTrader, changes: { symbol?: string } = {}): Promise<string> {
  const trade = tradeRequest({ account: `paper-${trader.userId}`, ...changes });
  const tradeId = randomUUID() as TradeId;
  const ticket = api.dependencies.tickets.sign({ tradeId, userId: trader.userId, trade, now: Date.now() });
  await insertAcceptedTrade(api.database.prisma, { trade, ticket });
  return tradeId;
}

const get = (path: string, trader = api.trader) => api.call('GET', path, { token: trader.token });

test.each(['not-a-uuid', '%00', '%E0%A4%A', `${'0'.repeat(36)}`, "1'--"])('B32 GET /trades/%s', async (id) => {
  expectProblem(await get(`/trades/${id}`), 400, 'malformed-request');
});

test("B33 another user's trade looks like one that there is not", async () => {
  const other = await api.addTrader();
  const answers = await Promise.all([get(`/trades/${ids[0]}`, other), get(`/trades/${randomUUID()}`, other)]);
  const [foreign, unknown] = answers.map(({ status, json: { instance: _, ...body } }) => ({ status, body }));
  expect(foreign).toEqual(unknown);
  expect(foreign?.status).toBe(404);
  for (const [method, path] of [
    ['GET', 'events'],
    ['POST', 'close'],
    ['POST', 'cancel'],
  ] as const) {
    const answer = await api.call(method, `/trades/${ids[0]}/${path}`, { token: other.token });
    expectProblem(answer, 404, 'not-found');
  }
  const patched = await api.call('PATCH', `/trades/${ids[0]}`, { token: other.token, body: { stopPrice: '100' } });
  expectProblem(patched, 404, 'not-found');
});

test.each([
  'limit=-1',
  'limit=100000',
  'limit=abc',
  'limit=0',
  'limit=1&limit=2',
  'cursor=forged',
  'cursor=',
  `cursor=${Buffer.from('99999999999999999999.x').toString('base64url')}`,
])('B34 GET /trades?%s', async (query) => {
  expectProblem(await get(`/trades?${query}`), 422, 'validation-failed');
});

test.each([
  'sort=user.passwordHash',
  'where[role]=x',
  'filter={"not":null}',
  'status=owned',
  'symbol[not]=x',
  'symbol=%00',
  'broker=%00',
])('B35 GET /trades?%s', async (query) => {
  expectProblem(await get(`/trades?${query}`), 422, 'validation-failed');
});

test('B56 a token in the URL, also a needless one', async () => {
  const { token } = api.trader;
  for (const query of [`access_token=${token}`, 'token=x', `anything=${token}`]) {
    expectProblem(await get(`/trades?${query}`), 400, 'malformed-request');
  }
});

describe('lists', () => {
  test('pages follow each other, newest first, and end', async () => {
    const seen: unknown[] = [];
    let query = 'limit=2';
    for (let page = 0; page < 3; page++) {
      const { json } = await get(`/trades?${query}`);
      seen.push(...(json.items as { id: string }[]).map(({ id }) => id));
      query = `limit=2&cursor=${json.nextCursor}`;
      if (page === 2) expect(json).not.toHaveProperty('nextCursor');
    }
    expect(seen).toEqual(ids);
  });

  test('filters narrow', async () => {
    const { json } = await get('/trades?symbol=AAPL&status=pending,open&broker=paper');
    expect(json.items).toHaveLength(2);
    expect((await get('/trades?status=closed')).json).toEqual({ items: [] });
  });

  test('a trade is found by the first digits of its id', async () => {
    const id = ids[1] ?? '';
    for (const idPrefix of [id.slice(0, 8), id.replaceAll('-', '').slice(0, 20), id.replaceAll('-', '')]) {
      expect((await get(`/trades?idPrefix=${idPrefix}`)).json).toMatchObject({ items: [{ id }] });
    }
    const other = await api.addTrader();
    expect((await get(`/trades?idPrefix=${id.slice(0, 8)}`, other)).json).toEqual({ items: [] });
    for (const idPrefix of ['', 'abc', 'ABCD', 'a1e4-', 'a1e4%25', '0'.repeat(33)]) {
      expectProblem(await get(`/trades?idPrefix=${idPrefix}`), 422, 'validation-failed');
    }
  });

  test('the journal is in order and pages', async () => {
    const { json } = await get(`/trades/${ids[0]}/events`);
    expect(json.items).toMatchObject([{ kind: 'requested', tradeId: ids[0], data: { side: 'buy' } }]);
    const [first] = json.items as { id: string }[];
    expect((await get(`/trades/${ids[0]}/events?cursor=${first?.id}`)).json).toEqual({ items: [] });
    expectProblem(await get(`/trades/${ids[0]}/events?cursor=x`), 422, 'validation-failed');
  });
});

describe('quotes', () => {
  test('known symbols are quoted, unknown ones absent', async () => {
    const { json } = await get('/quotes?symbols=AAPL,BTC-USD,ZZZZ');
    expect(json.quotes).toEqual([
      { symbol: 'AAPL', bid: '149.99', ask: '150.01', last: '150', asOf: '2013-10-08T14:01:00.000Z' },
      { symbol: 'BTC-USD', bid: '6999.5', ask: '7000.5', last: '7000', asOf: '2013-10-08T14:01:00.000Z' },
    ]);
  });

  const tooMany = Array.from({ length: 51 }, (_, index) =>
    String.fromCharCode(65 + (index % 26), 65 + Math.floor(index / 26)),
  );
  test.each([
    '',
    'symbols=',
    'symbols=AA%20PL',
    'symbols=AAPL;DROP',
    'symbols=AAPL&symbols=X',
    'symbols=%00',
    `symbols=${tooMany.join(',')}`,
  ])('B11 GET /quotes?%s', async (query) => {
    expectProblem(await get(`/quotes?${query}`), 422, 'validation-failed');
  });
});

test('B39 another method than a route offers', async () => {
  const deleted = await api.call('DELETE', '/trades', { token: api.trader.token });
  expectProblem(deleted, 405, 'method-not-allowed');
  expect(deleted.headers.get('allow')).toBe('POST, GET, HEAD');
  const put = await api.call('PUT', `/trades/${ids[0]}/close`, { token: api.trader.token, body: {} });
  expectProblem(put, 405, 'method-not-allowed');
  expect(put.headers.get('allow')).toBe('POST');
});

test('B41 a caller that asks for XML gets JSON', async () => {
  const answer = await api.call('GET', '/trades', { token: api.trader.token, headers: { accept: 'application/xml' } });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
});

test('B85 T33 a preflight from another origin gets nothing to go on with', async () => {
  const answer = await api.call('OPTIONS', '/trades', {
    headers: {
      origin: 'https://evil.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'x'.repeat(8_000),
    },
  });
  expect(answer.status).toBe(204);
  expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
});

test('every answer carries the headers that protect it', async () => {
  for (const path of ['/trades', '/nothing', '/health/live', '/openapi.json', '/docs']) {
    const { headers } = await get(path);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers.get('content-security-policy')).not.toMatch(/script-src[^;]*(unsafe|\*)/);
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('server') ?? headers.get('x-powered-by')).toBeNull();
    expect(headers.get('cache-control')).toBe('no-store');
  }
});

test.each(['/docs', '/reset-password', '/confirm-email'])(
  'the page %s runs no script that stands in it',
  async (path) => {
    const answer = await api.app.request(`${PUBLIC_URL}${path}`);
    const page = await answer.text();
    expect(answer.headers.get('content-security-policy')).toContain("script-src 'self';");
    expect(page.match(/<script[^>]*>/g)?.every((tag) => /\ssrc="\//.test(tag))).toBe(true);
    expect(page).not.toMatch(/\son\w+\s*=|javascript:/i);
  },
);

describe('T36 nothing that is answered to one is shown to another', () => {
  test('whoever asks at the same time sees what is theirs', async () => {
    const others = [await api.addTrader(), await api.addTrader()];
    const askers = [api.trader, ...others, api.trader, ...others];
    const answers = await Promise.all(
      askers.flatMap((trader) => ['/trades', '/positions', '/portfolio', '/risk'].map((path) => get(path, trader))),
    );
    for (const { headers, status } of answers) {
      expect(status).toBe(200);
      expect(headers.get('cache-control')).toBe('no-store');
      for (const name of ['etag', 'age', 'expires', 'last-modified']) expect(headers.get(name)).toBeNull();
    }
    const listed = answers.filter((_, index) => index % 4 === 0).map(({ json }) => (json.items as unknown[]).length);
    expect(listed.map((count) => count > 0)).toEqual(askers.map((trader) => trader === api.trader));
  });

  test.each(['aapl', 'AAPL ', 'AAPL:x', '__proto__', 'AAPL/../BTC-USD', 'AAPL\u0000'])(
    'no other text stands for the quote of AAPL: %j',
    async (symbol) => {
      const known = await get('/quotes?symbols=AAPL');
      expectProblem(await get(`/quotes?symbols=${encodeURIComponent(symbol)}`), 422, 'validation-failed');
      expect((await get('/quotes?symbols=AAPL')).text).toBe(known.text);
    },
  );
});
