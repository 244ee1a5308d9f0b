import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toTradeRequest, tradeBody, tradeExample, withoutConfirmation } from '../../src/api/trades/trade-body.js';
import { signalBody } from '../../src/api/webhooks/signal-body.js';
import { claimOfSignal } from '../../src/api/webhooks/signals.js';
import { canonicalHash } from '../../src/auth/canonical-json.js';
import { paperAccountId, type UserId } from '../../src/domain/ids.js';

const userId = '00000000-0000-4000-8000-000000000001' as UserId;
const account = paperAccountId(userId);

const decimalText = fc.oneof(
  fc.constantFrom('0', '1', '10.50', '0.0001', '999999999999', '-1', '1e3', '', ' 1', 'NaN', '9'.repeat(40)),
  fc.double({ noNaN: true }).map(String),
);
const price = fc.record({ price: decimalText }, { requiredKeys: [] });
const percent = fc.record({ percent: decimalText, limitOffset: decimalText }, { requiredKeys: [] });
const trail = fc.record({ trailPercent: decimalText });

/** Bodies that are right, nearly right, and nonsense in single fields. */
const anyBody = fc.record(
  {
    broker: fc.constantFrom('paper', 'nowhere'),
    symbol: fc.oneof(fc.constantFrom('AAPL', 'BTC-USD', 'SPY261218C00600000', 'aapl'), fc.string()),
    assetClass: fc.constantFrom('equity', 'option', 'crypto', 'bond'),
    side: fc.constantFrom('buy', 'sell_short', 'sell'),
    quantity: fc.oneof(decimalText, fc.jsonValue()),
    orderType: fc.constantFrom('market', 'limit'),
    limitPrice: decimalText,
    stopLoss: fc.oneof(price, percent, trail, fc.jsonValue()),
    takeProfit: fc.oneof(price, percent, fc.jsonValue()),
    exitAt: fc.oneof(
      fc.constantFrom('2026-03-02T14:30:00Z', '2026-02-30T10:00:00Z', '9999-99-99T99:99:99Z'),
      fc.string(),
    ),
    note: fc.string({ unit: 'binary' }),
  },
  { requiredKeys: ['broker', 'symbol', 'assetClass', 'side', 'quantity', 'orderType', 'stopLoss'] },
);

test('whatever is sent is refused or becomes a request, and never an error of ours', () => {
  fc.assert(
    fc.property(fc.oneof(anyBody, fc.jsonValue()), (body) => {
      const parsed = tradeBody.safeParse(body);
      if (!parsed.success) return;
      const request = toTradeRequest(parsed.data, account);
      expect(JSON.parse(JSON.stringify(request))).toEqual(request);
      expect(canonicalHash(toTradeRequest(tradeBody.parse(body), account))).toBe(canonicalHash(request));
    }),
    { numRuns: 5_000 },
  );
});

test('a repeat is the same request as before there was anything to confirm, and however it is confirmed', () => {
  // Computed by the version before: a client may repeat a request across an update.
  const known = '3fc046ad954d89e9c5a6b2b1231e8477bd93d5c9d07bb6dd02e0a1e480415153';
  const fingerprintOf = (body: object) => canonicalHash(withoutConfirmation(tradeBody.parse(body)));
  expect(fingerprintOf(tradeExample)).toBe(known);
  expect(fingerprintOf({ ...tradeExample, confirm: ['stop_far'] })).toBe(known);
  const signal = signalBody.parse({ ...tradeExample, action: 'open', id: 'any', secret: 'any' });
  const { fingerprint } = claimOfSignal(
    { id: 'any', userId: 'any' } as Parameters<typeof claimOfSignal>[0],
    'any',
    signal,
  );
  expect(fingerprint).toBe('66527e5acf9d1d10b70e2697bdad9b5c47cdb5386dee7c8cca6284bef0ed9ca9');
});

test('defaults are filled in, decimals made canonical, times made milliseconds', () => {
  const body = {
    broker: 'paper',
    symbol: 'AAPL',
    assetClass: 'equity',
    side: 'buy',
    quantity: '10.0',
    orderType: 'limit',
    limitPrice: '150.50',
    stopLoss: { percent: '5.00' },
    exitAt: '2026-03-02T14:30:00+05:30',
    confirmDuplicate: true,
  };
  expect(toTradeRequest(tradeBody.parse(body), account)).toEqual({
    broker: 'paper',
    account,
    symbol: 'AAPL',
    assetClass: 'equity',
    side: 'buy',
    quantity: '10',
    orderType: 'limit',
    limitPrice: '150.5',
    timeInForce: 'day',
    session: 'regular',
    stopLoss: { percent: '5' },
    exitAt: Date.parse('2026-03-02T09:00:00Z'),
    onCancel: 'flatten',
    onUnprotected: 'flatten',
    onPartialFill: 'emulate',
    onStopMissing: 'restore',
  });
});

test.each([
  ['SPY261218C00600000', '3.21', undefined],
  ['AAPL261218C00200000', '3.21', 'must be a multiple of 0.05'],
  ['AAPL261218C00200000', '2.91', undefined],
  ['CRDO261218C00150000', '2.91', 'must be a multiple of 0.05'],
  ['CRDO261218C00150000', '3.25', 'must be a multiple of 0.1'],
])('B15 the limit of %s at %s: %s', (symbol, limitPrice, message) => {
  const option = { broker: 'paper', symbol, assetClass: 'option', side: 'buy', quantity: '1' };
  const body = { ...option, orderType: 'limit', limitPrice, stopLoss: { percent: '50' } };
  const parsed = tradeBody.safeParse(body);
  expect(parsed.error?.issues.map(({ path, message }) => [path.join('.'), message])).toEqual(
    message && [['limitPrice', message]],
  );
});
