/** The bodies of the control interface. Unknown members are refused, so that a test's mistake does not go unnoticed. */
import { z } from 'zod';
import { Decimal, decimalString } from '../../domain/decimal.js';
import { type AssetClass, assetClassOf } from '../../domain/instrument.js';
import { BROKERS } from '../exchange/accounts.js';

const plainDecimal = z
  .string()
  .refine((text) => Decimal.tryParse(text) !== undefined, {
    error: 'must be a decimal as text, such as "150.25"',
    abort: true,
  })
  .transform(decimalString);
const positiveDecimal = plainDecimal.refine((text) => Decimal.parse(text).isPositive(), {
  error: 'must be greater than zero',
});

/** Arbion's own form: `AAPL`, `SPY230901P00430000`, `BTC-USD`. */
const symbol = z.string().refine((text) => assetClassOf(text) !== undefined, {
  error: 'must be a symbol such as AAPL, SPY230901P00430000 or BTC-USD',
});

export const marketBody = z
  .strictObject({
    symbol,
    bid: positiveDecimal.optional(),
    ask: positiveDecimal.optional(),
    last: positiveDecimal.optional(),
    bidSize: positiveDecimal.optional(),
    askSize: positiveDecimal.optional(),
    increment: positiveDecimal.optional(),
  })
  .refine(({ bid, ask, last }) => bid !== undefined || ask !== undefined || last !== undefined, {
    error: 'needs at least one of bid, ask and last',
  });

export const clockBody = z
  .strictObject({
    now: z.iso.datetime({ offset: true }).optional(),
    advanceSeconds: z.number().positive().optional(),
    speed: z.number().nonnegative().max(100_000).optional(),
  })
  .refine(({ now, advanceSeconds }) => now === undefined || advanceSeconds === undefined, {
    error: 'takes now or advanceSeconds, not both',
  });

const openingPosition = z
  .strictObject({ symbol, quantity: plainDecimal, averagePrice: positiveDecimal })
  .transform((position) => ({ ...position, assetClass: classOf(position.symbol) }));

export const accountBody = z.strictObject({
  broker: z.enum(BROKERS),
  cash: plainDecimal,
  type: z.enum(['margin', 'cash']).default('margin'),
  positions: z.array(openingPosition).optional(),
  login: z.strictObject({ username: z.string().min(1), password: z.string().min(1) }),
  clients: z
    .array(
      z.strictObject({
        clientId: z.string().min(1),
        clientSecret: z.string().min(1),
        redirectUris: z.array(z.string().min(1)),
      }),
    )
    .optional(),
});

export const fillBody = z.strictObject({
  broker: z.enum(BROKERS),
  orderId: z.string().min(1),
  quantity: positiveDecimal,
  price: positiveDecimal,
});

export const splitBody = z.strictObject({
  symbol,
  /** new shares for one old one */
  ratio: positiveDecimal,
  /** of a new share, at which a fraction of one is paid out; the average price without it */
  price: positiveDecimal.optional(),
});

function classOf(text: string): AssetClass {
  return assetClassOf(text) ?? 'equity';
}
