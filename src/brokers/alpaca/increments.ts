import { type Decimal, decimal } from '../../domain/decimal.js';
import { priceTick } from '../../domain/instrument.js';
import type { OrderRequest } from '../../domain/order.js';
import type { AlpacaCalls } from './calls.js';
import { alpacaAsset } from './schemas.js';
import { toAlpacaSymbol } from './symbols.js';

/** The steps in which an instrument's prices and quantities may be named. */
export interface Increments {
  price(near: Decimal): Decimal;
  quantity: Decimal;
}

/** Quantities have up to nine decimals; whether parts of a share are traded is for Alpaca to say. */
const SMALLEST_SHARE = decimal('0.000000001');

/** Shares and options follow one rule each; every pair of coins has increments of its own, asked for once. */
export class KnownIncrements {
  private readonly pairs = new Map<string, Increments>();

  constructor(private readonly calls: AlpacaCalls) {}

  async of(account: string, request: OrderRequest): Promise<Increments> {
    const { symbol, assetClass } = request;
    if (assetClass !== 'crypto') {
      return { price: (near) => priceTick(request, near), quantity: SMALLEST_SHARE };
    }
    const known = this.pairs.get(symbol);
    if (known) return known;
    const path = `/v2/assets/${encodeURIComponent(toAlpacaSymbol(symbol))}`;
    const asset = await this.calls.get(account, { path, priority: 'close' }, alpacaAsset);
    const tick = decimal(asset.price_increment);
    const increments = { price: () => tick, quantity: decimal(asset.min_trade_increment) };
    this.pairs.set(symbol, increments);
    return increments;
  }
}
