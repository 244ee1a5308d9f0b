import { expect } from 'vitest';
import { type Decimal, decimal } from '../../src/domain/decimal.js';
import type { UserId } from '../../src/domain/ids.js';
import { viewOf } from '../../src/storage/trade-view.js';
import { aapl, at } from '../support/prices.js';
import { group } from '../support/scenario.js';

const STANDARD = { perTrade: '1000', daily: '10000', concentrationPercent: '100' };
const limit = (limitPrice: string) => ({ orderType: 'limit', limitPrice }) as const;

export const riskManagement = group('TestRiskManagement', (scenario) => {
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
    await s.client.workflow.getHandle(trade.workflowId).result();
    expect(viewOf(await s.row(trade)).reason).toMatchObject(reason);
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
    const expectRoom = async (user: UserId, equity: Decimal) => {
      const most = equity.times(decimal('0.2'));
      const room = most.minus(decimal('9900'));
      const tooMuch = room.plus(decimal('0.01')).toString();
      const denial = { code: 'CONCENTRATION_LIMIT', limit: most.toString(), value: '9900', attempted: tooMuch };
      expect((await s.start({ ...limit(tooMuch), quantity: '1' }, user)).reason).toMatchObject(denial);
      // within the limit; where a broker refuses opposite orders a symbol takes one trade at a time
      const reason = s.can.refusesOpposite ? { code: 'opposite_order_working' } : null;
      expect(await s.start({ ...limit(room.toString()), quantity: '1' }, user)).toMatchObject({ reason });
    };
    const cash = decimal('50000');
    const fee = decimal('9900').times(decimal(s.traits.feeRate));
    const holder = await s.addUser();
    const held = await s.start({ quantity: '99' }, holder);
    await s.until(held, ({ status }) => status === 'open');
    await expectRoom(holder, cash.minus(fee));

    await s.goTo(1);
    const orderer = await s.addUser();
    const working = await s.start({ ...limit('100'), quantity: '99' }, orderer);
    await s.until(working, ({ status }) => status === 'submitted');
    await expectRoom(orderer, cash);
  });
});
