/** Bodies of POST /trades that are wrong, by the numbers of the catalogue of bad inputs. Each leaves no trace. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Call, expectProblem, openApi, tradeBody } from './harness.js';

let api: Awaited<ReturnType<typeof openApi>>;
let before: Record<string, number>;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  before = await api.rowCounts();
});
afterEach(async () => {
  expect(await api.rowCounts()).toEqual(before);
});

function post(call: Call) {
  return api.call('POST', '/trades', { token: api.trader.token, key: 'a-key', ...call });
}

function postRaw(rawBody: Call['rawBody'], headers: Record<string, string> = { 'content-type': 'application/json' }) {
  return post({ headers, ...(rawBody !== undefined && { rawBody }) });
}

const invalid = async (changes: Record<string, unknown>) =>
  expectProblem(await post({ body: tradeBody(changes) }), 422, 'validation-failed');

describe('what cannot be parsed', () => {
  test('B1 an unfinished object', async () => {
    expectProblem(await postRaw('{'), 400, 'malformed-request');
  });

  test.each(['[]', '"x"', 'null', '5'])('B2 a body that is no object: %s', async (text) => {
    expectProblem(await postRaw(text), 422, 'validation-failed');
  });

  test('B3 no body and no content type', async () => {
    expectProblem(await postRaw(undefined, {}), 400, 'malformed-request');
  });

  test('B4 JSON that is announced as text', async () => {
    const answer = await postRaw(JSON.stringify(tradeBody()), { 'content-type': 'text/plain' });
    expectProblem(answer, 415, 'unsupported-media-type');
  });

  test('B5 another charset', async () => {
    const answer = await postRaw(JSON.stringify(tradeBody()), { 'content-type': 'application/json; charset=utf-16' });
    expectProblem(answer, 415, 'unsupported-media-type');
  });

  test('B6 T33 ten thousand levels of nesting, quickly', async () => {
    const startedAt = performance.now();
    expectProblem(await postRaw('['.repeat(10_000) + ']'.repeat(10_000)), 400, 'malformed-request');
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  test('B7 a megabyte, announced', async () => {
    const rawBody = `{"note":"${'x'.repeat(2 ** 20)}"}`;
    const answer = await postRaw(rawBody, {
      'content-type': 'application/json',
      'content-length': `${rawBody.length}`,
    });
    expectProblem(answer, 413, 'payload-too-large');
  });

  test('B7 a megabyte in chunks', async () => {
    const chunk = new TextEncoder().encode('x'.repeat(64 * 1024));
    let sent = 0;
    const rawBody = new ReadableStream({
      pull: (controller) => (sent++ < 16 ? controller.enqueue(chunk) : controller.close()),
    });
    expectProblem(await postRaw(rawBody), 413, 'payload-too-large');
  });

  test('B7 T33 a compressed body', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expectProblem(await postRaw(new Uint8Array([31, 139, 8, 0]), headers), 415, 'unsupported-media-type');
  });

  test('B8 a key that stands twice', async () => {
    const text = JSON.stringify(tradeBody()).replace('"quantity":"2"', '"quantity":"1","quantity":"1000"');
    expectProblem(await postRaw(text), 400, 'malformed-request');
  });

  test('B8 a key that stands twice, once in escapes', async () => {
    const text = JSON.stringify(tradeBody()).replace('"quantity":"2"', '"quantity":"1","quantit\\u0079":"1000"');
    expectProblem(await postRaw(text), 400, 'malformed-request');
  });

  test('bytes that are not UTF-8', async () => {
    expectProblem(await postRaw(new Uint8Array([0x7b, 0xff, 0x7d])), 400, 'malformed-request');
  });
});

describe('fields', () => {
  test('B9 an unknown field', () => invalid({ role: 'superadmin' }));

  test.each(['{"__proto__":{"polluted":true},', '{"constructor":{"prototype":{"polluted":true}},'])(
    'B10 keys that reach for a prototype: %s',
    async (start) => {
      const text = start + JSON.stringify(tradeBody()).slice(1);
      expectProblem(await postRaw(text), 422, 'validation-failed');
      expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    },
  );

  test.each(['', 'A'.repeat(1000), 'AA PL', 'AAPL;DROP', 'ＡＡＰＬ', 'AAPL\u0000', 'AAPL\n', 'aapl', 'ZZZZ'])(
    'B11 the symbol %j',
    (symbol) => invalid({ symbol }),
  );

  test.each(['0', '-1', '-0', '1e3', 'NaN', 'Infinity', '0.000000001', '1,000', ' 1', '', '01', '0x10', '+1'])(
    'B12 the quantity %j',
    (quantity) => invalid({ quantity }),
  );

  test.each(['1e400', '9007199254740993', '1'])('B12 a quantity that is the number %s', async (number) => {
    const text = JSON.stringify(tradeBody()).replace('"quantity":"2"', `"quantity":${number}`);
    expectProblem(await postRaw(text), 422, 'validation-failed');
  });

  test('B15 a price off the tick', () => invalid({ orderType: 'limit', limitPrice: '10.001' }));

  test('B16 a limit order without a price', () => invalid({ orderType: 'limit' }));
  test('B16 a market order with a price', () => invalid({ limitPrice: '150' }));

  test.each([
    ['above the entry of a long', { price: '151' }],
    ['at the entry of a long', { price: '150' }],
    ['zero', { price: '0' }],
    ['below zero', { price: '-1' }],
  ])('B17 T28 a stop %s', (_, stopLoss) => invalid({ orderType: 'limit', limitPrice: '150', stopLoss }));
  test('B17 a stop above the market of a market order', () => invalid({ stopLoss: { price: '160' } }));
  test('B17 a stop above the market that a limit order would enter at', () =>
    invalid({ orderType: 'limit', limitPrice: '155', stopLoss: { price: '152' } }));
  test('B17 a stop below the entry of a short', () =>
    invalid({ side: 'sell_short', orderType: 'limit', limitPrice: '150', stopLoss: { price: '149' } }));
  test('a trade without a stop', () => invalid({ stopLoss: undefined }));

  test.each(['BUY ', 'hold', 1, null, ['buy']])('B18 the side %j', (side) => invalid({ side }));

  test.each([
    'text with half of a pair \ud800',
    'text that turns \u202e around',
    `marks e${'\u0301'.repeat(10_000)}`,
    'a bell \u0007',
    'x'.repeat(501),
  ])('B86 the note %#', (note) => invalid({ note }));

  test.each(['2026-02-30T10:00:00Z', '+275761-01-01T00:00:00Z', '2026-03-02T10:00:00', '2026-03-02', 'tomorrow', 5])(
    'B87 the time %j',
    (exitAt) => invalid({ exitAt }),
  );

  test('B88 an entry that expires in the past', async () => {
    const body = tradeBody({ entryExpiresAt: '2013-10-08T13:59:00Z' });
    expectProblem(await post({ body }), 422, 'risk-denied', 'EXPIRE_TIME_IN_PAST');
  });

  test.each([
    ['a malformed option symbol', { assetClass: 'option', symbol: 'AAPL131019X00150000' }],
    ['an option of a day that is none', { assetClass: 'option', symbol: 'AAPL131319C00150000' }],
    ['a part of a contract', { assetClass: 'option', symbol: 'AAPL131019C00150000', quantity: '0.5' }],
    ['an unknown crypto pair', { assetClass: 'crypto', symbol: 'NOPE-USD' }],
    ['a pair that is written otherwise', { assetClass: 'crypto', symbol: 'BTC/USD' }],
    ['crypto sold short', { assetClass: 'crypto', symbol: 'BTC-USD', side: 'sell_short', quantity: '0.01' }],
    ['an equity that is called crypto', { assetClass: 'crypto' }],
  ])('B98 %s', (_, changes) => invalid(changes));

  test.each(['0', '100', '101', '-5'])('B99 a stop of %s percent', (percent) => invalid({ stopLoss: { percent } }));
  test('B99 a trail and a price together', () => invalid({ stopLoss: { trailPercent: '5', price: '140' } }));
  test('B99 a percentage and a price together', () => invalid({ stopLoss: { percent: '5', price: '140' } }));
  test('B99 a target below the entry of a long', () =>
    invalid({ orderType: 'limit', limitPrice: '150', takeProfit: { price: '149' } }));
  test('B99 a target below the market of a long', () => invalid({ takeProfit: { price: '149' } }));

  test('B100 an exit in the past', () => invalid({ exitAt: '2013-10-08T14:00:59Z' }));
  test('B100 an exit more than a year ahead', () => invalid({ exitAt: '2014-10-10T14:00:00Z' }));
});

describe('B101 what is not traded', () => {
  test.each([
    ['coins in euros', { assetClass: 'crypto', symbol: 'BTC-EUR' }, 'unsupported_currency'],
    ['coins in pounds', { assetClass: 'crypto', symbol: 'ETH-GBP' }, 'unsupported_currency'],
    ['an adjusted contract', { assetClass: 'option', symbol: 'AAPL1131019C00150000' }, 'unsupported_contract'],
    ['a mini contract', { assetClass: 'option', symbol: 'AAPL7131019C00150000' }, 'unsupported_contract'],
    ['an expired contract', { assetClass: 'option', symbol: 'AAPL130920C00150000' }, 'contract_expired'],
    ['SPX on its expiry day', { assetClass: 'option', symbol: 'SPX131008C01700000' }, 'contract_expired'],
  ])('%s', async (_, changes, code) => {
    expectProblem(await post({ body: tradeBody({ quantity: '1', ...changes }) }), 422, 'validation-failed', code);
  });

  test('by a start ticket', async () => {
    const body = tradeBody({ assetClass: 'crypto', symbol: 'BTC-EUR', quantity: '0.1' });
    const answer = await api.call('POST', '/start-tickets', { token: api.trader.token, body });
    expectProblem(answer, 422, 'validation-failed', 'unsupported_currency');
  });
});

describe('who and where', () => {
  test('B19 an unknown broker', () => invalid({ broker: 'robinhood' }));

  test('B19 a broker that is not connected', async () => {
    const answer = await post({ body: tradeBody({ broker: 'schwab' }) });
    expectProblem(answer, 409, 'invalid-state', 'BROKER_NOT_CONNECTED');
  });

  test("B20 another user's account", async () => {
    const other = await api.addTrader();
    before = await api.rowCounts();
    expectProblem(await post({ body: tradeBody({ account: `paper-${other.userId}` }) }), 404, 'not-found');
  });

  test('B22 no Idempotency-Key', async () => {
    const answer = await api.call('POST', '/trades', { token: api.trader.token, body: tradeBody() });
    expectProblem(answer, 400, 'bad-header');
  });

  test.each(['', 'x'.repeat(256), 'with space', 'one, two', 'ümlaut'])('B23 the key %j', async (key) => {
    expectProblem(await post({ key, body: tradeBody() }), 400, 'bad-header');
  });

  test('B55 a token that may only read', async () => {
    const reader = await api.addTrader({ scopes: ['read'] });
    before = await api.rowCounts();
    const answer = await post({ token: reader.token, body: tradeBody() });
    expectProblem(answer, 403, 'insufficient-scope');
  });

  test('start tickets take the same input as trades', async () => {
    const answer = await api.call('POST', '/start-tickets', {
      token: api.trader.token,
      body: tradeBody({ quantity: '-1' }),
    });
    expectProblem(answer, 422, 'validation-failed');
  });

  test('the errors name the fields', async () => {
    const answer = await post({ body: tradeBody({ quantity: '0', stopLoss: { price: '1.001' }, extra: 1 }) });
    const { errors } = answer.json;
    expect(errors).toEqual(
      expect.arrayContaining([
        { field: 'quantity', message: 'must be a plain decimal above zero, such as "1.5"' },
        { field: 'extra', message: 'is not a known field' },
      ]),
    );
  });
});
