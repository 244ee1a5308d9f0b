/** What the clock, the calendar and corporate actions do to a trade. */
import { expect } from 'vitest';
import { audit } from '../../src/audit/audit.js';
import { readLedger } from '../../src/brokers/paper/ledger.js';
import { decimalString } from '../../src/domain/decimal.js';
import { auditFacts } from '../../src/storage/audit-facts.js';
import { type PriceRow, rowTime } from '../support/market-files.js';
import { at, minute, sparseDay } from '../support/prices.js';
import { scenarios } from '../support/scenario.js';

const isProtected = ({ stopKind }: { stopKind: string | null }) => stopKind === 'broker';
const isClosed = ({ status }: { status: string }) => status === 'closed';

scenarios('a time', (scenario) => {
  const halfAnHour = { 'equity/AAPL': sparseDay({ 0: at('150'), 29: at('150'), 30: at('151'), 380: at('151') }) };
  scenario('at which the trader wanted out: closed then, not before', { prices: halfAnHour }, async (s) => {
    const trade = await s.start({ exitAt: rowTime(minute(30)) });
    await s.until(trade, isProtected);
    expect(await s.moveOn(trade, 29)).toMatchObject({ status: 'open' });
    await s.moveOn(trade, 30);
    expect(await s.until(trade, isClosed)).toMatchObject({ exitReason: 'time', exitPrice: '151' });
    expect((await s.record(trade)).only('stop').status).toBe('cancelled');
  });

  const evening = { 'equity/AAPL': sparseDay({ 0: at('150'), 387: at('150'), 388: at('151'), 389: at('152') }) };
  scenario('at which the market is closed: in the last minute before it', { prices: evening }, async (s) => {
    const trade = await s.start({ exitAt: Date.parse('2013-10-09T02:00:00Z') });
    const exitsBy = '2013-10-08T19:59:00.000Z';
    expect(await s.until(trade, isProtected)).toMatchObject({ exitAt: '2013-10-09T02:00:00.000Z', exitsBy });
    expect(await s.moveOn(trade, 387)).toMatchObject({ status: 'open' });
    await s.moveOn(trade, 388);
    expect(await s.until(trade, isClosed)).toMatchObject({ exitReason: 'time', exitPrice: '151' });
  });

  const OPTION = 'AAPL131008P00480000';
  const lastHour = sparseDay({ 0: at('1.50'), 358: at('1.80'), 359: at('1.80'), 389: at('1.80') });
  const expiring = { prices: { [`option/${OPTION}`]: lastHour } };
  scenario('half an hour before an option expires: closed, a hundred for each contract', expiring, async (s) => {
    const trade = await s.start({ symbol: OPTION, assetClass: 'option', quantity: '2' });
    await s.until(trade, isProtected);
    expect(await s.moveOn(trade, 358)).toMatchObject({ status: 'open', unrealizedPnl: '60' });
    await s.moveOn(trade, 359);
    expect(await s.until(trade, isClosed)).toMatchObject({ exitReason: 'time', exitPrice: '1.8', realizedPnl: '60' });
    expect(await s.reservation(trade)).toMatchObject({ daily: '300', exposure: '0' });
  });

  const twoDays: PriceRow[] = [
    { minute: minute(0), ...at('150') },
    { minute: '2013-10-08T23:30', ...at('140') },
    { minute: '2013-10-09T13:30', ...at('139') },
    { minute: '2013-10-09T19:00', ...at('139') },
  ];
  scenario(
    'outside of regular hours, with the price through the stop: nothing before the next open',
    { prices: { 'equity/AAPL': twoDays } },
    async (s) => {
      const trade = await s.start({ takeProfit: { percent: '10' } });
      await s.until(trade, isProtected);
      const writes = s.faults.writes;
      for (let looks = 0; looks < 3; looks++) {
        expect(await s.moveOn(trade, '2013-10-08T23:30')).toMatchObject({ status: 'open', stopKind: 'broker' });
      }
      expect(await s.moveOn(trade, '2013-10-09T05:00')).toMatchObject({ status: 'open' });
      expect(s.faults.writes).toBe(writes);

      await s.moveOn(trade, '2013-10-09T13:30');
      expect(await s.until(trade, isClosed)).toMatchObject({ exitReason: 'stop', exitPrice: '139' });
      expect(s.faults.writes).toBe(writes);
    },
  );
});

scenarios('a 7-for-1 split', (scenario) => {
  const FRIDAY_CLOSE = '2014-06-06T19:58';
  const rows: PriceRow[] = [
    { minute: '2014-06-06T13:30', ...at('645.57') },
    { minute: FRIDAY_CLOSE, ...at('645.57') },
    { minute: '2014-06-09T08:00', ...at('92.50'), open: '645.57', high: '645.57', low: '92.23' },
    { minute: '2014-06-09T13:30', ...at('92.72') },
    { minute: '2014-06-09T15:00', ...at('91.75') },
    { minute: '2014-06-09T19:00', ...at('87.00') },
    { minute: '2014-06-09T19:30', ...at('87.00') },
  ];
  const prices = { 'equity/AAPL': rows };
  const limits = { perTrade: '10000' };
  const stop = { stopLoss: { price: '613.29' } };

  const announced = { prices, limits, splits: [{ symbol: 'AAPL', exDate: '2014-06-09', ratio: '7' }] };
  scenario('that is announced sells nothing: seven times the shares, a seventh of the stop', announced, async (s) => {
    const trade = await s.start(stop);
    await s.until(trade, isProtected);
    const writes = s.faults.writes;
    for (const when of ['2014-06-09T08:00', '2014-06-09T13:30', '2014-06-09T15:00']) {
      expect(await s.moveOn(trade, when)).toMatchObject({ status: 'open', openQuantity: '70', stopPrice: '87.61' });
    }
    expect(s.faults.writes).toBe(writes);
    expect((await s.record(trade)).working()).toMatchObject([{ quantity: '70', stopPrice: '87.61' }]);

    await s.moveOn(trade, '2014-06-09T19:00');
    expect(await s.until(trade, isClosed)).toMatchObject({
      exitReason: 'stop',
      exitPrice: '87',
      realizedPnl: '-365.7',
    });
    expect((await s.record(trade)).exited).toBe('70');
  });

  scenario(
    'that nobody announced sells nothing either: the stop is held, and a person asked',
    { prices, limits },
    async (s) => {
      const trade = await s.start(stop);
      await s.until(trade, isProtected);
      const writes = s.faults.writes;
      for (const when of ['2014-06-09T08:00', '2014-06-09T13:30', '2014-06-09T15:00']) await s.moveOn(trade, when);
      const asking = await s.look(trade);
      expect(asking).toMatchObject({
        status: 'needs_attention',
        reason: { code: 'suspected_split' },
        openQuantity: '10',
      });
      expect(s.faults.writes).toBe(writes);
      expect((await s.record(trade)).working()).toMatchObject([{ quantity: '10', stopPrice: '613.29' }]);
      expect(await s.alerts(trade)).toEqual([{ severity: 1, code: 'suspected_split' }]);

      await s.trades.adjustExits(trade.id, { stopPrice: decimalString('87.61') });
      expect(await s.look(trade)).toMatchObject({
        status: 'open',
        reason: null,
        stopPrice: '87.61',
        stopKind: 'broker',
      });
      await s.moveOn(trade, '2014-06-09T19:00');
      expect(await s.until(trade, isClosed)).toMatchObject({ exitReason: 'stop', exitPrice: '87' });
    },
  );
});

scenarios('a reverse split of one for four', (scenario) => {
  const rows: PriceRow[] = [
    { minute: '2014-06-06T13:30', ...at('100') },
    { minute: '2014-06-06T19:58', ...at('100') },
    { minute: '2014-06-09T13:30', ...at('404') },
    { minute: '2014-06-09T15:00', ...at('350') },
    { minute: '2014-06-09T19:30', ...at('350') },
  ];
  const announced = {
    prices: { 'equity/AAPL': rows },
    limits: { perTrade: '10000' },
    splits: [{ symbol: 'AAPL', exDate: '2014-06-09', ratio: '0.25' }],
  };

  scenario('pays half a share at the new price, and the trade ends flat to the cent', announced, async (s) => {
    const trade = await s.start({ stopLoss: { price: '90' } });
    await s.until(trade, isProtected);
    await s.moveOn(trade, '2014-06-09T13:30');
    await s.look(trade);
    expect(await s.look(trade)).toMatchObject({
      status: 'open',
      openQuantity: '2',
      stopPrice: '360',
      realizedPnl: '0',
    });
    await s.moveOn(trade, '2014-06-09T15:00');
    // 10 bought at 100; 2 sold at 350 and half a share paid at 400
    expect(await s.until(trade, isClosed)).toMatchObject({ exitReason: 'stop', exitPrice: '350', realizedPnl: '-100' });
    expect(await s.alerts(trade)).toEqual([]);
    const facts = await auditFacts(s.database.prisma, 'paper');
    expect(audit({ ...facts, ledger: await readLedger(s.database.pool) })).toEqual([]);
  });
});
