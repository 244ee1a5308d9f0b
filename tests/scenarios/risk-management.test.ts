import { expect } from 'vitest';
import { aapl, at } from '../support/prices.js';
import { scenarios } from '../support/scenario.js';

const STANDARD = { perTrade: '1000', daily: '10000', concentrationPercent: '100' };
const limit = (limitPrice: string) => ({ orderType: 'limit', limitPrice }) as const;

scenarios('TestRiskManagement', (scenario) => {
  const fallingToTheLimit = { prices: aapl(at('101'), at('100')), limits: STANDARD };
  scenario('test_enforce_risk_limits_within_limits', fallingToTheLimit, async (s) => {
    const trade = await s.start({ ...limit('100'), quantity: '10' });
    await s.until(trade, ({ status }) => status === 'submitted');
    expect(await s.reservation(trade)).toEqual({ daily: '1000', exposure: '1000', pending: '1000' });

    await s.moveOn(trade, 1);
    await s.until(trade, ({ status }) => status === 'open');
    expect(await s.reservation(trade)).toEqual({ daily: '1000', exposure: '1000', pending: '0' });

    await s.trades.close(trade.id, {});
    await s.until(trade, ({ status }) => status === 'closed');
    expect(await s.reservation(trade)).toEqual({ daily: '1000', exposure: '0', pending: '0' });
  });

  scenario('test_enforce_risk_limits_exceeded', { prices: aapl(at('100')), limits: STANDARD }, async (s) => {
    const trade = await s.start({ quantity: '1000' });

    const reason = { code: 'PER_TRADE_LIMIT', limit: '1000', attempted: '100000' };
    expect(trade).toMatchObject({ status: 'rejected', reason });
    expect((await s.row(trade)).reason).toMatchObject(reason);
    expect(await s.journal(trade)).toContainEqual({ kind: 'risk_denied', data: expect.objectContaining(reason) });
    expect(s.faults.writes).toBe(0);
    expect(await s.database.prisma.reservation.count()).toBe(0);
  });

  const concentrated = {
    prices: aapl(at('100'), at('101')),
    openingCash: '50000',
    limits: { perTrade: '20000', daily: '50000', concentrationPercent: '20' },
  };
  scenario('test_enforce_concentration_limit', concentrated, async (s) => {
    const denial = { code: 'CONCENTRATION_LIMIT', limit: '10000', value: '9900', attempted: '100.01' };
    const holder = await s.addUser();
    const held = await s.start({ quantity: '99' }, holder);
    await s.until(held, ({ status }) => status === 'open');
    expect((await s.start({ ...limit('100.01'), quantity: '1' }, holder)).reason).toMatchObject(denial);
    expect(await s.start({ ...limit('100'), quantity: '1' }, holder)).toMatchObject({ reason: null });

    await s.goTo(1);
    const orderer = await s.addUser();
    const working = await s.start({ ...limit('100'), quantity: '99' }, orderer);
    await s.until(working, ({ status }) => status === 'submitted');
    expect((await s.start({ ...limit('100.01'), quantity: '1' }, orderer)).reason).toMatchObject(denial);
    expect(await s.start({ ...limit('100'), quantity: '1' }, orderer)).toMatchObject({ reason: null });
  });
});
