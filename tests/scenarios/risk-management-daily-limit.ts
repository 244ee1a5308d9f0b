/** Apart from the others of its class: 200 starts leave little of the machine to anybody else. The gate knows no brokers: at live ones fewer do. */
import { expect } from 'vitest';
import { Decimal, decimal } from '../../src/domain/decimal.js';
import { cashFlow } from '../support/audit.js';
import { at, day } from '../support/prices.js';
import type { Scenario } from '../support/scenario.js';
import { group } from '../support/scenario.js';

const STANDARD = { perTrade: '1000', daily: '10000', concentrationPercent: '100' };
/** A trade each: where a broker refuses opposite orders, a symbol takes one trade at a time. */
const SYMBOLS = ['AAPL', ...[...'BCDEFGHIJKLMNOPQRSTUVWXYZ'].slice(0, 24).map((letter) => `ZZ${letter}`)];
const ownSymbol = (index: number) => ({ symbol: SYMBOLS[index % SYMBOLS.length] ?? 'AAPL' });
const limit = (limitPrice: string) => ({ orderType: 'limit', limitPrice }) as const;

/** Everything that is reserved, of all trades. */
async function reservedSum(s: Scenario) {
  const { _sum: sum } = await s.database.prisma.reservation.aggregate({
    _sum: { daily: true, exposure: true, pending: true },
  });
  return { daily: `${sum.daily}`, exposure: `${sum.exposure}`, pending: `${sum.pending}` };
}

export const riskManagementDailyLimit = group('TestRiskManagement', (scenario) => {
  const rows = day([at('101'), at('100')]);
  const prices = Object.fromEntries(SYMBOLS.map((symbol) => [`equity/${symbol}`, rows]));
  const resting = { prices, limits: STANDARD };
  scenario('test_enforce_daily_trading_limit', resting, async (s) => {
    const atOnce = s.faults.name === 'paper' ? 100 : 25;
    const startMany = () =>
      Promise.all(
        Array.from({ length: atOnce }, (_, index) =>
          s.start({ ...limit('100'), quantity: '10', ...(s.can.refusesOpposite && ownSymbol(index)) }),
        ),
      );
    const restartWorker = () => s.stopWorker().then(s.startWorker);

    const [first] = await Promise.all([startMany(), restartWorker()]);
    const second = await startMany();
    const refused = [...first, ...second].filter(({ status }) => status === 'rejected');
    const accepted = first.filter(({ status }) => status !== 'rejected');

    expect(accepted).toHaveLength(10);
    expect(refused).toHaveLength(2 * atOnce - 10);
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
    expect(cashFlow((await s.record(filled)).fills('entry')).toString()).toBe('1000');
    expect(await s.start({ quantity: '10' })).toMatchObject({ reason: null });
  });
});
