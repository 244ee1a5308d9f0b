import { expect } from 'vitest';
import { Decimal, decimal } from '../../src/domain/decimal.js';
import { cashFlow } from '../support/audit.js';
import { BrokerRecord } from '../support/broker-record.js';
import { aapl, at } from '../support/prices.js';
import { type Scenario, scenarios } from '../support/scenario.js';

const STANDARD = { perTrade: '1000', daily: '10000', concentrationPercent: '100' };
const limit = (limitPrice: string) => ({ orderType: 'limit', limitPrice }) as const;

/** Everything that is reserved, of all trades. */
async function reservedSum(s: Scenario) {
  const { _sum: sum } = await s.database.prisma.reservation.aggregate({
    _sum: { daily: true, exposure: true, pending: true },
  });
  return { daily: `${sum.daily}`, exposure: `${sum.exposure}`, pending: `${sum.pending}` };
}

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

  const resting = { prices: aapl(at('101'), at('100')), limits: STANDARD };
  scenario('test_enforce_daily_trading_limit', resting, async (s) => {
    const startMany = () =>
      Promise.all(Array.from({ length: 100 }, () => s.start({ ...limit('100'), quantity: '10' })));
    const restartWorker = () => s.stopWorker().then(s.startWorker);

    const [first] = await Promise.all([startMany(), restartWorker()]);
    const second = await startMany();
    const refused = [...first, ...second].filter(({ status }) => status === 'rejected');
    const accepted = first.filter(({ status }) => status !== 'rejected');

    expect(accepted).toHaveLength(10);
    expect(refused).toHaveLength(190);
    for (const { reason } of refused) {
      expect(reason).toMatchObject({ code: 'DAILY_LIMIT', limit: '10000', value: '10000', attempted: '1000' });
    }
    for (const trade of accepted) await s.until(trade, ({ entryOrderId }) => entryOrderId !== null);
    expect(await reservedSum(s)).toEqual({ daily: '10000', exposure: '10000', pending: '10000' });
    const { orders } = await s.ledger();
    const asked = orders.map(({ quantity, limitPrice = '' }) => decimal(quantity).times(decimal(limitPrice)));
    expect(Decimal.sum(asked).toString()).toBe('10000');

    const [filled, ...unfilled] = accepted;
    if (!filled) throw new Error('nothing was accepted');
    for (const { id } of unfilled) await s.trades.cancel(id, {});
    for (const trade of unfilled) await s.until(trade, ({ status }) => status === 'cancelled');
    await s.moveOn(filled, 1);
    await s.trades.close(filled.id, {});
    await s.until(filled, ({ status }) => status === 'closed');
    expect(await reservedSum(s)).toEqual({ daily: '1000', exposure: '0', pending: '0' });
    expect(cashFlow(new BrokerRecord(await s.ledger(), filled).fills('entry')).toString()).toBe('1000');
    expect(await s.start({ quantity: '10' })).toMatchObject({ reason: null });
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
