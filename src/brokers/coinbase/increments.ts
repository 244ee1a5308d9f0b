import { setTimeout as pause } from 'node:timers/promises';
import type { z } from 'zod';
import { BrokerUnavailable } from '../../broker-port/broker.js';
import { type DecimalString, decimalString } from '../../domain/decimal.js';
import { reading } from '../../wire/outcomes.js';
import { BadRequest } from './answers.js';
import type { CoinbaseCalls } from './calls.js';
import { product } from './schemas.js';

export interface Increments {
  base_increment: DecimalString;
  price_increment: DecimalString;
  /** Coinbase shows the product without them, as it does what is not traded any more */
  isMissing?: true;
}

/** Increments hardly ever change. */
const FRESH_MS = 5 * 60_000;
/** An order waits no longer: a stop's bound must not be spent on what it may do without. */
const PATIENCE_MS = 500;
/** Nothing is rounded; an order that is too fine is refused by Coinbase itself. */
const FINEST = decimalString('0.00000001');
const NOT_KNOWN: Increments = { base_increment: FINEST, price_increment: FINEST };
const MISSING: Increments = { ...NOT_KNOWN, isMissing: true };

/** The increments of products, read once in a while for all orders. */
export class KnownIncrements {
  private readonly known = new Map<string, { increments: Increments; readAt: number }>();

  constructor(private readonly calls: CoinbaseCalls) {}

  /** Those last known, or the finest, when they cannot be read at once. Undefined when Coinbase has no such product. */
  async of(account: string, symbol: string): Promise<Increments | undefined> {
    const known = this.known.get(symbol);
    if (known && Date.now() - known.readAt < FRESH_MS) return known.increments;
    const otherwise = known?.increments ?? NOT_KNOWN;
    const read = this.read(account, symbol).catch((error: unknown) => {
      if (error instanceof BrokerUnavailable) return otherwise;
      throw error;
    });
    return await Promise.race([read, pause(PATIENCE_MS, otherwise, { ref: false })]);
  }

  private async read(account: string, symbol: string): Promise<Increments | undefined> {
    const shown = await reading(() => this.shown(account, symbol));
    if (shown === undefined) return undefined;
    const { base_increment, price_increment } = shown;
    if (base_increment === undefined || price_increment === undefined) {
      return this.known.get(symbol)?.increments ?? MISSING;
    }
    const increments = { base_increment, price_increment };
    this.known.set(symbol, { increments, readAt: Date.now() });
    return increments;
  }

  /** The copy that is shown to everybody: it needs no scope that a grant may lack. */
  private async shown(account: string, symbol: string): Promise<z.infer<typeof product> | undefined> {
    try {
      return await this.calls.get(account, `/market/products/${encodeURIComponent(symbol)}`, {}, product);
    } catch (error) {
      if (error instanceof BadRequest) return undefined;
      throw error;
    }
  }
}
