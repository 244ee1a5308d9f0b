/** Signals of strategies, through the API, with a worker and the paper broker behind it. */
import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Prisma } from '../../prisma/generated/client.js';
import { createApp } from '../../src/api/app.js';
import type { ApiDependencies } from '../../src/api/dependencies.js';
import { sweep } from '../../src/api/trades/outbox.js';
import { deleteOldKeys } from '../../src/storage/idempotency.js';
import { createRateLimiter } from '../../src/storage/rate-limits.js';
import { viewOf } from '../../src/storage/trade-view.js';
import { eventually } from '../support/eventually.js';
import { paperMarket } from '../support/paper-market.js';
import { openTradingAt, type Trading } from '../support/trading.js';
import { type Answer, apiOn, expectProblem, NOON, PRICES, PUBLIC_URL, type TestApi, tradeBody } from './harness.js';
import { comparePairs } from './pairs.js';
import { type Hook, makeHook, type Sent } from './signal-sender.js';

let trading: Trading;
let api: TestApi;
let log = '';
beforeAll(async () => {
  trading = await openTradingAt(await paperMarket(PRICES), {});
  await trading.goTo(NOON);
  const lines = new Writable({
    write: (chunk, _encoding, done) => {
      log += String(chunk);
      done();
    },
  });
  api = await apiOn({
    database: trading.database,
    paper: trading.broker,
    temporal: trading.client,
    logger: pino({ level: 'debug' }, lines),
  });
});
afterAll(() => trading.close());

const hook = (options: Record<string, unknown> = {}) => makeHook(api, options);
const post = (id: string, body: unknown) => api.call('POST', `/webhooks/${id}`, { body });
const trades = ({ trader }: Hook) => trading.database.prisma.trade.findMany({ where: { userId: trader.userId } });
const ordersOf = async ({ trader }: Hook) => (await trading.broker.ledger(`paper-${trader.userId}`)).orders;

describe('the webhooks of a user', () => {
  test('are made, listed without their secrets, and deleted', async () => {
    const { id, secret, trader, cookie } = await hook({ strategy: 'breakout' });
    expect(secret).toMatch(/^whsec_/);
    const listed = await api.call('GET', '/webhooks', { token: trader.token });
    const { items } = listed.json as { items: object[] };
    const shown = {
      id,
      url: `${PUBLIC_URL}/api/v1/webhooks/${id}`,
      name: 'momentum',
      kind: 'signed',
      strategy: 'breakout',
    };
    expect(items).toEqual([{ ...shown, createdAt: expect.any(String) }]);
    expect((await api.call('DELETE', `/webhooks/${id}`, { cookie })).status).toBe(204);
    expect((await api.call('GET', '/webhooks', { cookie })).json.items).toEqual([]);
    expectProblem(await api.call('DELETE', `/webhooks/${id}`, { cookie }), 404, 'not-found');
    const { prisma } = trading.database;
    const events = await prisma.auditEvent.findMany({ where: { subject: id }, orderBy: { id: 'asc' } });
    expect(events.map(({ actor, action }) => [actor, action])).toEqual([
      [trader.userId, 'webhook_created'],
      [trader.userId, 'webhook_deleted'],
    ]);
    expect((await prisma.webhook.findUniqueOrThrow({ where: { id } })).sealed).toBeNull();
  });

  test('take a password that was given just now, and are nobody else’s to delete', async () => {
    const [own, other] = [await hook(), await hook()];
    expectProblem(await api.call('DELETE', `/webhooks/${own.id}`, { cookie: other.cookie }), 404, 'not-found');
    const stale = { reauthenticatedAt: new Date(Date.now() - 6 * 60_000) };
    await trading.database.prisma.session.updateMany({ where: { userId: own.trader.userId }, data: stale });
    const { cookie } = own;
    expectProblem(await api.call('POST', '/webhooks', { cookie, body: { name: 'x' } }), 403, 'reauth-required');
    expectProblem(await api.call('DELETE', `/webhooks/${own.id}`, { cookie }), 403, 'reauth-required');
  });

  test('are at most 20, however many are asked for at once', async () => {
    const { cookie } = await hook();
    const make = () => api.call('POST', '/webhooks', { cookie, body: { name: 'one more' } });
    const answers = await Promise.all(Array.from({ length: 22 }, make));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(19);
    const refused = answers.find(({ status }) => status !== 201);
    expectProblem(refused as Answer, 409, 'conflict', 'WEBHOOK_LIMIT');
  });

  test.each(['http://127.0.0.1', 'http://169.254.169.254', 'http://[::ffff:7f00:1]', 'https://rebinding.example'])(
    'B89 T37 have no address of the user’s that we would call: %s',
    async (url) => {
      const cookie = await api.logIn(await api.addTrader());
      expectProblem(
        await api.call('POST', '/webhooks', { cookie, body: { name: 'x', url } }),
        422,
        'validation-failed',
      );
    },
  );
});

describe('a signed signal', () => {
  test('starts a trade of its strategy, which is guarded like any other', async () => {
    const to = await hook({ strategy: 'breakout' });
    const answer = await to.send();
    expect(answer).toMatchObject({ status: 201, json: { symbol: 'AAPL', quantity: '1', strategy: 'breakout' } });
    await trading.until({ id: answer.json.id as never }, ({ status }) => status === 'open');
    expect((await to.send(tradeBody({ strategy: 'another', quantity: '1' }))).json.strategy).toBe('another');
  });

  test('B91 A6 counts once: repeats are answered with 200 and the first answer', async () => {
    const to = await hook();
    const first = await to.send(undefined, { id: 'evt_1' });
    const again = await Promise.all(Array.from({ length: 50 }, () => to.send(undefined, { id: 'evt_1' })));
    // Written in another way it is the same webhook still.
    again.push(await to.send(undefined, { id: 'evt_1', to: to.id.toUpperCase() }));
    expect(first.status).toBe(201);
    expect(new Set(again.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(again.map(({ text }) => text))).toEqual(new Set([first.text]));
    expect(await trades(to)).toHaveLength(1);
  });

  test('counts once when two come at the same instant', async () => {
    const to = await hook();
    const statuses = (await Promise.all([1, 2].map(() => to.send(undefined, { id: 'at-once' })))).map(
      (one) => one.status,
    );
    expect(statuses).toContain(201);
    expect([200, 409]).toContain(statuses.find((status) => status !== 201));
    expect(await trades(to)).toHaveLength(1);
  });

  test('counts once after 399 days, and after 401 when its key is forgotten', async () => {
    const to = await hook();
    const { prisma } = trading.database;
    const first = await to.send(undefined, { id: 'old' });
    await trading.until({ id: first.json.id as never }, ({ status }) => status === 'open');
    await to.send({ action: 'close', symbol: 'AAPL' });
    await trading.until({ id: first.json.id as never }, ({ status }) => status === 'closed');
    const key = () => prisma.idempotencyKey.findFirst({ where: { userId: to.trader.userId, key: 'old' } });
    const inDays = (days: number) => deleteOldKeys(prisma, new Date(Date.now() + days * 86_400_000));
    await inDays(399);
    expect((await to.send(undefined, { id: 'old' })).text).toBe(first.text);
    await inDays(401);
    expect(await key()).toBeNull();
    const late = await to.send(undefined, { id: 'old' });
    expect(late).toMatchObject({ status: 200, json: { id: first.json.id, status: 'closed' } });
    expect(await trades(to)).toHaveLength(1);
  });

  test('with another body is another signal, and must be named so', async () => {
    const to = await hook();
    expect((await to.send(undefined, { id: 'one' })).status).toBe(201);
    expectProblem(await to.send(tradeBody(), { id: 'one' }), 422, 'idempotency-key-reused');
  });

  test('of the same id at two webhooks are two', async () => {
    const [one, other] = [await hook(), await hook()];
    const [first, second] = [await one.send(undefined, { id: 'same' }), await other.send(undefined, { id: 'same' })];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(first.json.id).not.toBe(second.json.id);
  });

  test('above a limit is refused, to its repeats as well', async () => {
    const to = await hook();
    const first = await to.send(tradeBody({ quantity: '10' }), { id: 'large' });
    expectProblem(first, 422, 'risk-denied', 'PER_TRADE_LIMIT');
    expect((await to.send(tradeBody({ quantity: '10' }), { id: 'large' })).text).toBe(first.text);
    expect(await ordersOf(to)).toEqual([]);
  });

  test('is exempt from the repeat gate: its id says what is a repeat', async () => {
    const to = await hook();
    expect([(await to.send()).status, (await to.send()).status]).toEqual([201, 201]);
  });

  test('needs no cookie, and one of whatever kind changes nothing', async () => {
    const to = await hook();
    const headers = { cookie: 'arbion_session=nobody', origin: 'https://evil.example', authorization: 'Bearer arb_x' };
    expect((await to.sendText(JSON.stringify(tradeBody({ quantity: '1' })), {}, headers)).status).toBe(201);
  });
});

describe('a process that dies between the row and the start', () => {
  /** One that never gets as far as Temporal. */
  function dyingApp() {
    const never = new Promise<never>(() => {});
    const cut: Pick<ApiDependencies['trades'], 'startForVerdict'> = { startForVerdict: () => never };
    return createApp({ ...api.dependencies, trades: { ...api.dependencies.trades, ...cut } });
  }

  test('leaves one trade, which the outbox starts and repeats are answered with', async () => {
    const to = await hook();
    const body = JSON.stringify(tradeBody({ quantity: '1' }));
    const request = { method: 'POST', headers: to.headers(body, { id: 'killed' }), body };
    void dyingApp().request(`${PUBLIC_URL}/api/v1/webhooks/${to.id}`, request);
    await eventually(async () => (await trades(to)).length === 1, 'the row of the trade');
    expectProblem(await to.send(undefined, { id: 'killed' }), 409, 'idempotency-in-progress');

    const { prisma } = trading.database;
    const { userId } = to.trader;
    const [trade] = await trades(to);
    await prisma.trade.updateMany({ where: { userId }, data: { createdAt: new Date(Date.now() - 4_000) } });
    await sweep(api.dependencies);
    await trading.until({ id: trade?.id as never }, ({ status }) => status === 'open');
    await prisma.idempotencyKey.updateMany({ where: { userId }, data: { createdAt: new Date(Date.now() - 31_000) } });
    const again = await to.send(undefined, { id: 'killed' });
    expect(again).toMatchObject({ status: 200, json: { id: trade?.id, status: 'open' } });
    expect(await trades(to)).toHaveLength(1);
  });
});

describe('T43 A7 what is not the sender’s own', () => {
  test('is answered alike whatever is wrong, and starts nothing', async () => {
    const [to, other] = [await hook(), await hook()];
    const text = JSON.stringify(tradeBody({ quantity: '1' }));
    const signed = to.headers(text, {});
    const path = `/webhooks/${to.id}`;
    const answers = {
      unsigned: await api.call('POST', path, { rawBody: text, headers: { 'content-type': 'application/json' } }),
      'an empty signature': await to.sendText(text, {}, { 'webhook-signature': '' }),
      'without an id': await to.sendText(text, {}, { 'webhook-id': '' }),
      'wrongly signed': await to.sendText(text, { secret: `whsec_${'A'.repeat(43)}=` }),
      'of another webhook': await to.sendText(text, { secret: other.secret }),
      'six minutes old': await to.sendText(text, { off: -360 }),
      'six minutes early': await to.sendText(text, { off: 360 }),
      'shifted after it was signed': await to.sendText(
        text,
        { off: -360 },
        { 'webhook-timestamp': signed['webhook-timestamp'] },
      ),
      'one byte another': await api.call('POST', path, { rawBody: text.replace('"1"', '"2"'), headers: signed }),
      'serialised again': await api.call('POST', path, {
        rawBody: JSON.stringify(JSON.parse(text), null, 1),
        headers: signed,
      }),
      'with another id': await api.call('POST', path, { rawBody: text, headers: { ...signed, 'webhook-id': 'x' } }),
      'to an unknown webhook': await to.sendText(text, { to: randomUUID() }),
      'to what is no id': await to.sendText(text, { to: 'x' }),
      'with the secret in the body': await post(to.id, { ...tradeBody(), id: 'x', secret: to.secret }),
    };
    const [first] = Object.values(answers);
    for (const [name, answer] of Object.entries(answers)) {
      expectProblem(answer, 401, 'unauthenticated');
      expect({ name, ...answer.json, instance: '' }).toEqual({ name, ...first?.json, instance: '' });
    }
    expect(await trades(to)).toEqual([]);
  });

  test('takes as long whether there is such a webhook or not', async () => {
    const to = await hook();
    const text = JSON.stringify(tradeBody());
    const wrong = `whsec_${'A'.repeat(43)}=`;
    const { slower } = await comparePairs(
      100,
      () => to.sendText(text, { secret: wrong }),
      () => to.sendText(text, { secret: wrong, to: randomUUID() }),
    );
    // Of 100 throws of a coin fewer or more come once in 10^9 times.
    expect(slower).toBeGreaterThan(19);
    expect(slower).toBeLessThan(81);
  });

  test('is nothing any more once the webhook is deleted, or its user disabled', async () => {
    const [deleted, disabled] = [await hook(), await hook()];
    await api.call('DELETE', `/webhooks/${deleted.id}`, { cookie: deleted.cookie });
    const where = { id: disabled.trader.userId };
    await trading.database.prisma.user.update({ where, data: { disabledAt: new Date() } });
    for (const to of [deleted, disabled]) expectProblem(await to.send(), 401, 'unauthenticated');
  });
});

describe('B92 a body', () => {
  test('that is not JSON', async () => {
    const to = await hook();
    expectProblem(await to.sendText('BUY AAPL'), 400, 'malformed-request');
    expectProblem(await to.sendText('{"symbol":"AAPL","symbol":"MSFT"}'), 400, 'malformed-request');
    expectProblem(await to.sendText('[]]', { secret: (await hook()).secret }), 400, 'malformed-request');
    const headers = { 'content-type': 'application/json' };
    const unsigned = await api.call('POST', `/webhooks/${to.id}`, { rawBody: 'BUY AAPL', headers });
    expectProblem(unsigned, 400, 'malformed-request');
    expectProblem(await to.sendText('{}', {}, { 'content-type': 'text/plain' }), 415, 'unsupported-media-type');
  });

  test('of 1 MiB', async () => {
    expectProblem(await (await hook()).send({ note: 'x'.repeat(2 ** 20) }), 413, 'payload-too-large');
  });

  test.each([
    ['an unknown action', { action: 'explode', symbol: 'AAPL' }],
    ['no trade', {}],
    ['a trade without a stop', tradeBody({ stopLoss: undefined })],
    ['a field that is not known', tradeBody({ leverage: '10' })],
    ['a close of nothing', { action: 'close' }],
    ['a close with a quantity', { action: 'close', symbol: 'AAPL', quantity: '1' }],
    ['an id where the header has it', tradeBody({ id: 'x' })],
    ['a secret where it is not asked for', tradeBody({ secret: 'x' })],
    ['a list', []],
  ])('with %s', async (_, body) => {
    const to = await hook();
    expectProblem(await to.send(body, { id: 'wrong' }), 422, 'validation-failed');
    expect(await trades(to)).toEqual([]);
    // What was refused is not used up.
    expect((await to.send(undefined, { id: 'wrong' })).status).toBe(201);
  });
});

describe('a secret in the body', () => {
  const signal = ({ secret }: Hook, changes: object = {}) => ({
    secret,
    id: 'AAPL 2013-10-08T14:00:00Z',
    ...tradeBody({ quantity: '1' }),
    ...changes,
  });

  test('starts a trade once, and stands nowhere afterwards', async () => {
    const to = await hook({ kind: 'secret_in_body' });
    const first = await post(to.id, signal(to));
    expect(first.status).toBe(201);
    const again = await post(to.id, signal(to));
    expect([again.status, again.text]).toEqual([200, first.text]);
    expect(await trades(to)).toHaveLength(1);
    await trading.until({ id: first.json.id as never }, ({ status }) => status === 'open');
    expectProblem(await post(to.id, signal(to, { quantity: to.secret })), 422, 'validation-failed');

    const { pool } = trading.database;
    const { rows: tables } = await pool.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
    for (const { tablename } of tables) {
      const { rows } = await pool.query(`SELECT t::text AS row FROM "${tablename}" t`);
      expect(rows.map(({ row }) => row).join('\n')).not.toContain(to.secret);
    }
    expect(log).toContain(`/api/v1/webhooks/${to.id}`);
    expect(log).not.toContain(to.secret);
  });

  test('must be right, and the webhook one that asks for it', async () => {
    const [to, signed] = [await hook({ kind: 'secret_in_body' }), await hook()];
    for (const secret of ['wrong', '', undefined, 7, null, { $ne: '' }, `${to.secret} `, signed.secret]) {
      expectProblem(await post(to.id, signal(to, { secret })), 401, 'unauthenticated');
    }
    expectProblem(await to.send(tradeBody()), 401, 'unauthenticated');
    expectProblem(await post(randomUUID(), signal(to)), 401, 'unauthenticated');
    expect(await trades(to)).toEqual([]);
  });

  test('comes with an id, or a repeat could not be known', async () => {
    const to = await hook({ kind: 'secret_in_body' });
    expectProblem(await post(to.id, signal(to, { id: undefined })), 422, 'validation-failed');
  });
});

describe('a signal to close', () => {
  const close = { action: 'close', symbol: 'AAPL' };

  test('closes what its strategy holds in the symbol, and nothing else', async () => {
    const to = await hook();
    const started = [
      await to.send(),
      await to.send(),
      await to.send(tradeBody({ quantity: '1', strategy: 'another' })),
    ];
    const [one, two, another] = started.map(({ json }) => ({ id: json.id as never }));
    for (const trade of [one, two, another])
      await trading.until(trade as { id: never }, ({ status }) => status === 'open');
    const answer = await to.send(close, { id: 'out' });
    expect(answer.status).toBe(200);
    const ids = (answer.json.items as { id: string }[]).map(({ id }) => id);
    expect(new Set(ids)).toEqual(new Set([one?.id, two?.id]));
    for (const trade of [one, two]) await trading.until(trade as { id: never }, ({ status }) => status === 'closed');
    expect((await trading.row(another as { id: never })).status).toBe('open');
    const again = await to.send(close, { id: 'out' });
    expect([again.status, again.text]).toEqual([200, answer.text]);
    expect((await to.send({ ...close, strategy: 'another' })).json.items).toHaveLength(1);
  });

  test('whose process died before it answered closes nothing that came after it', async () => {
    const { prisma } = trading.database;
    const to = await hook();
    await to.send(close, { id: 'out' });
    await prisma.idempotencyKey.updateMany({
      where: { userId: to.trader.userId },
      data: { status: null, body: Prisma.JsonNull, createdAt: new Date(Date.now() - 31_000) },
    });
    const { json } = await to.send();
    expect(await to.send(close, { id: 'out' })).toMatchObject({ status: 200, json: { items: [] } });
    expect((await trading.row({ id: json.id as never })).status).not.toBe('closing');
  });

  test('B80 reaches no trade of somebody else', async () => {
    const [to, other] = [await hook(), await hook()];
    const { json } = await other.send();
    expect(await to.send(close)).toMatchObject({ status: 200, json: { items: [] } });
    expect((await trading.row({ id: json.id as never })).status).not.toBe('closing');
  });
});

describe('a flood', () => {
  test('T43 passes up to the limit of its webhook, and no other feels it', async () => {
    const limits = { ...api.dependencies.settings.rateLimits, webhookPerMinute: 5, anonymousPerHour: 3 };
    const settings = { ...api.dependencies.settings, rateLimits: limits };
    const small = await apiOn({
      database: trading.database,
      paper: trading.broker,
      temporal: trading.client,
      settings,
    });
    const [to, other] = [await hook(), await hook()];
    const text = JSON.stringify(tradeBody({ quantity: '1' }));
    const statuses: Record<number, number> = {};
    const one = async (target: Hook, sent: Sent = {}) => {
      const request = { rawBody: text, headers: target.headers(text, sent) };
      return small.call('POST', `/webhooks/${target.id}`, request);
    };
    for (let left = 300; left > 0; left -= 100) {
      const answers = await Promise.all(Array.from({ length: 100 }, () => one(to)));
      for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
    }
    expect(statuses).toEqual({ 201: 5, 429: 295 });
    expect(
      (await ordersOf(to)).filter(({ side, type }) => side === 'buy' && type === 'market').length,
    ).toBeLessThanOrEqual(5);
    // Bad ones use up nothing, be they many.
    await Promise.all(Array.from({ length: 50 }, () => one(other, { secret: to.secret })));
    expect((await one(other)).status).toBe(201);
  });

  test('T55 of signals that prove nothing is cut off by address, whichever webhook it names', async () => {
    const limits = { ...api.dependencies.settings.rateLimits, failedSignalsPerMinute: 20 };
    let asked = 0;
    const webhooks: ApiDependencies['webhooks'] = {
      ...api.dependencies.webhooks,
      authenticate: (id, proof) => {
        asked += 1;
        return api.dependencies.webhooks.authenticate(id, proof);
      },
    };
    const settings = { ...api.dependencies.settings, rateLimits: limits };
    const { prisma } = trading.database;
    await prisma.rateWindow.deleteMany({ where: { key: { startsWith: 'failed-signals:' } } });
    const rateLimiter = createRateLimiter(prisma);
    const app = createApp({ ...api.dependencies, webhooks, settings, rateLimiter });
    const [known, unknown] = [await hook(), await hook()];
    const text = JSON.stringify(tradeBody({ quantity: '1' }));
    const post = async (target: Hook, to = target.id, secret = target.secret) => {
      const request = { method: 'POST', headers: target.headers(text, { secret }), body: text };
      return (await app.request(`${PUBLIC_URL}/api/v1/webhooks/${to}`, request)).status;
    };
    expect(await post(known)).toBe(201);
    const guesses: number[] = [];
    for (let count = 0; count < 100; count++) {
      const to = count % 2 === 0 ? known.id : randomUUID();
      guesses.push(await post(known, to, unknown.secret));
    }
    expect(guesses.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 401));
    expect(new Set(guesses.slice(20))).toEqual(new Set([429]));
    // The address of the one that succeeded is shared by those that guess, as at a signal service: it gets through.
    expect(await post(known)).toBe(201);
    expect(await post(unknown)).toBe(429);
    expect(asked).toBeLessThan(80);
  });
});

describe('T27 a strategy that runs away', () => {
  test('is halted with an alert; its trades and other strategies go on', async () => {
    const to = await hook({ strategy: 'runaway' });
    await Promise.all(Array.from({ length: 30 }, () => to.send()));
    const isJudged = async () => (await trades(to)).every(({ status }) => status !== 'pending');
    await eventually(isJudged, 'all starts are judged');
    const refused = (await trades(to)).filter(({ status }) => status === 'rejected');
    expect(refused.map((row) => viewOf(row).reason)).toEqual(
      Array.from({ length: refused.length }, () => expect.objectContaining({ code: 'STRATEGY_RUNAWAY', limit: '20' })),
    );
    expect(refused.length).toBeGreaterThanOrEqual(10);
    const entries = (await ordersOf(to)).filter(({ side, type }) => side === 'buy' && type === 'market');
    expect(entries.length).toBeLessThanOrEqual(20);

    const { json } = await api.call('GET', '/alerts', { token: to.trader.token });
    expect(json.items).toContainEqual(expect.objectContaining({ severity: 1, code: 'strategy_runaway' }));
    expect((await to.send(tradeBody({ quantity: '1', strategy: 'another' }))).status).toBe(201);
    const closed = await to.send({ action: 'close', symbol: 'AAPL' });
    expect(closed.json.items).toHaveLength(30 - refused.length);
  });
});
