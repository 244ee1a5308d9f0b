import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { expectProblem, openApi } from './harness.js';

let api: Awaited<ReturnType<typeof openApi>>;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

describe('limits', () => {
  test('start with what the role gives', async () => {
    for (const [role, perTrade, daily] of [
      ['standard', '1000', '10000'],
      ['admin', '10000', '100000'],
      ['superadmin', '100000', '1000000'],
    ] as const) {
      const { token } = await api.addTrader({ role });
      expect((await api.call('GET', '/risk', { token })).json).toEqual({
        limits: { perTrade, daily, concentrationPercent: '20', dailyLoss: null, avoidGoodFaithViolations: true },
        usage: { daily: '0', exposure: '0', bySymbol: [] },
        killSwitch: { user: false, global: false },
      });
    }
  });

  test('are changed by their owner, each alone, and written down', async () => {
    const trader = await api.addTrader();
    const cookie = await api.logIn(trader);
    const put = (body: object) => api.call('PUT', '/risk/limits', { cookie, body });
    expect((await put({ perTrade: '2000.50' })).json.limits).toMatchObject({ perTrade: '2000.5', daily: '10000' });
    expect((await put({ dailyLoss: '500' })).json.limits).toMatchObject({ perTrade: '2000.5', dailyLoss: '500' });
    expect((await put({ dailyLoss: null })).json.limits).toMatchObject({ dailyLoss: null });
    expect((await put({ avoidGoodFaithViolations: false })).json.limits).toMatchObject({
      avoidGoodFaithViolations: false,
    });
    const written = await api.database.prisma.auditEvent.count({
      where: { actor: trader.userId, action: 'risk_limits_changed' },
    });
    expect(written).toBe(4);
  });

  test.each([
    {},
    { perTrade: '-1' },
    { perTrade: 'NaN' },
    { perTrade: 1000 },
    { daily: '1e6' },
    { concentrationPercent: '101' },
    { avoidGoodFaithViolations: 'no' },
    { concentrationPercent: 'many' },
    { other: '1' },
  ])('B95 %j', async (body) => {
    const cookie = await api.logIn(api.trader);
    expectProblem(await api.call('PUT', '/risk/limits', { cookie, body }), 422, 'validation-failed');
  });

  test('B95 above ten times what the role gives', async () => {
    const cookie = await api.logIn(api.trader);
    const put = (perTrade: string) => api.call('PUT', '/risk/limits', { cookie, body: { perTrade } });
    expect((await put('10000')).status).toBe(200);
    expectProblem(await put('10000.01'), 422, 'risk-denied', 'LIMIT_ABOVE_CEILING');
  });

  test('B95 without the password given just now, or by a token', async () => {
    const cookie = await api.logIn(api.trader);
    await api.database.prisma.session.updateMany({ data: { reauthenticatedAt: new Date(Date.now() - 301_000) } });
    const body = { perTrade: '1' };
    expectProblem(await api.call('PUT', '/risk/limits', { cookie, body }), 403, 'reauth-required');
    expectProblem(await api.call('PUT', '/risk/limits', { token: api.trader.token, body }), 403, 'forbidden');
  });
});

describe('the kill switch', () => {
  test.each([{ engaged: 'yes' }, {}, { engaged: true, scope: 'everyone' }, { engaged: true, flatten: 1 }])(
    'B96 %j',
    async (body) => {
      const answer = await api.call('POST', '/risk/kill-switch', { token: api.trader.token, body });
      expectProblem(answer, 422, 'validation-failed');
    },
  );

  test('B96 the global one by a plain user', async () => {
    const body = { engaged: true, scope: 'global' };
    expectProblem(await api.call('POST', '/risk/kill-switch', { token: api.trader.token, body }), 403, 'forbidden');
  });

  test('is engaged by a token and let go only with the password given just now', async () => {
    const trader = await api.addTrader();
    const change = (call: object, engaged: boolean) =>
      api.call('POST', '/risk/kill-switch', { ...call, body: { engaged } });
    expect((await change({ token: trader.token }, true)).json).toMatchObject({ scope: 'user', engaged: true });
    expectProblem(await change({ token: trader.token }, false), 403, 'reauth-required');
    const cookie = await api.logIn(trader);
    expect((await change({ cookie }, false)).json).toMatchObject({ engaged: false });
    expect((await api.call('GET', '/risk', { cookie })).json.killSwitch).toEqual({ user: false, global: false });
  });

  test('T45 selling everything needs the password given just now', async () => {
    const trader = await api.addTrader();
    const cookie = await api.logIn(trader);
    await api.database.prisma.session.updateMany({ data: { reauthenticatedAt: new Date(Date.now() - 301_000) } });
    const body = { engaged: true, flatten: true };
    expectProblem(await api.call('POST', '/risk/kill-switch', { cookie, body }), 403, 'reauth-required');
  });

  test('the global one holds for all, and another admin lets it go', async () => {
    const [first, second] = [await api.addTrader({ role: 'admin' }), await api.addTrader({ role: 'admin' })];
    const [firstCookie, secondCookie] = [await api.logIn(first), await api.logIn(second)];
    const change = (cookie: string, engaged: boolean) =>
      api.call('POST', '/risk/kill-switch', { cookie, body: { engaged, scope: 'global' } });
    expect((await change(firstCookie, true)).status).toBe(200);
    const seen = await api.call('GET', '/risk', { token: api.trader.token });
    expect(seen.json.killSwitch).toEqual({ user: false, global: true });
    expectProblem(await change(firstCookie, false), 403, 'forbidden', 'SECOND_ADMIN_NEEDED');
    expect((await change(secondCookie, false)).status).toBe(200);
  });

  test('T49 engaging it again does not change who must let it go', async () => {
    const [first, second] = [await api.addTrader({ role: 'admin' }), await api.addTrader({ role: 'admin' })];
    const [firstCookie, secondCookie] = [await api.logIn(first), await api.logIn(second)];
    const change = (cookie: string, engaged: boolean, reason: string) =>
      api.call('POST', '/risk/kill-switch', { cookie, body: { engaged, scope: 'global', reason } });
    await change(firstCookie, true, 'the first');
    expect((await change(secondCookie, true, 'the second')).status).toBe(200);
    expectProblem(await change(firstCookie, false, 'over'), 403, 'forbidden', 'SECOND_ADMIN_NEEDED');
    const where = { scope: 'global' };
    expect(await api.database.prisma.killSwitch.findUniqueOrThrow({ where })).toMatchObject({
      by: first.userId,
      reason: 'the first',
    });
    expect((await change(secondCookie, false, 'over')).status).toBe(200);
    const engaged = { action: 'kill_switch_changed', subject: 'global', actor: second.userId };
    expect(await api.database.prisma.auditEvent.count({ where: engaged })).toBe(2);
  });

  test('T49 of an engagement and a release at once, each sees the other: nobody lets the own one go', async () => {
    const [first, second] = [await api.addTrader({ role: 'admin' }), await api.addTrader({ role: 'admin' })];
    const [firstCookie, secondCookie] = [await api.logIn(first), await api.logIn(second)];
    const change = (cookie: string, engaged: boolean) =>
      api.call('POST', '/risk/kill-switch', { cookie, body: { engaged, scope: 'global' } });
    await change(secondCookie, true);
    // The switch of the second is let go and engaged by the first, while the first's release waits to write.
    const { pool } = api.database;
    const other = await pool.connect();
    await other.query(
      "BEGIN; UPDATE kill_switches SET engaged = true, by = $1 WHERE scope = 'global'".replace(
        '$1',
        `'${first.userId}'`,
      ),
    );
    const release = change(firstCookie, false);
    await eventually(async () => {
      return ((await other.query('SELECT FROM pg_locks WHERE NOT granted')).rowCount ?? 0) > 0;
    }, 'the release waits');
    await other.query('COMMIT');
    other.release();
    expectProblem(await release, 403, 'forbidden', 'SECOND_ADMIN_NEEDED');
    expect((await change(secondCookie, false)).status).toBe(200);
  });
});
