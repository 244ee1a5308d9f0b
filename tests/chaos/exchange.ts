/** The exchange of a run: a simulator in real time that starts at a trading hour, accounts, and prices that move by seed. */
import { rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { BrokerAccount } from '../../src/broker-port/access.js';
import type { LiveBroker } from '../../src/domain/broker-login.js';
import { type Decimal, decimal } from '../../src/domain/decimal.js';
import type { AssetClass } from '../../src/domain/instrument.js';
import type { OrderRequest } from '../../src/domain/order.js';
import { ManualClock, temporaryDirectory } from '../simulator/exchange-fixture.js';
import { type Body, TestSimulator } from '../simulator/simulator-fixture.js';
import { LiveLogins } from '../support/live-logins.js';
import type { Dice } from './dice.js';
import type { LostOrder } from './traders.js';

/** Tuesday, 3 March 2026, 11:00 in New York. */
const OPENS_AT = Date.parse('2026-03-03T16:00:00Z');
const STEP_MS = 400;
/** The tolerance between the time of a send and the broker's clock. */
const SLACK_MS = 2_000;
const CASH = '100000000';
const SHARES = [
  ['AAPL', '150'],
  ['MSFT', '410'],
  ['SPY', '520'],
  ['NVDA', '118'],
  ['F', '12'],
] as const;
const COINS = [
  ['BTC-USD', '60000'],
  ['ETH-USD', '3000'],
  ['SOL-USD', '150'],
] as const;

/** The machine's clock with a constant offset. */
class ShiftedClock extends ManualClock {
  override readonly now: () => number;

  constructor(readonly offsetMs: number) {
    super();
    this.now = () => Date.now() + offsetMs;
  }
}

export interface Account {
  /** Arbion's id of it */
  id: string;
  opened: BrokerAccount;
}

export class ChaosExchange {
  private readonly walking = new AbortController();
  private walk: Promise<void> = Promise.resolve();

  private constructor(
    readonly broker: LiveBroker,
    readonly simulator: TestSimulator,
    readonly offsetMs: number,
    readonly accounts: readonly Account[],
    private readonly prices: Map<string, Decimal>,
    private readonly logins: LiveLogins,
  ) {}

  static async open(broker: LiveBroker, accountCount: number): Promise<ChaosExchange> {
    const clock = new ShiftedClock(OPENS_AT - Date.now());
    const simulator = await TestSimulator.start(temporaryDirectory(), clock, { hasLags: true });
    const prices = new Map((broker === 'coinbase' ? COINS : SHARES).map(([name, price]) => [name, decimal(price)]));
    const logins = new LiveLogins(simulator, broker);
    const accounts: Account[] = [];
    const exchange = new ChaosExchange(broker, simulator, clock.offsetMs, accounts, prices, logins);
    for (const symbol of prices.keys()) await exchange.show(symbol, decimal('0'), undefined);
    for (let number = 1; number <= accountCount; number++) {
      const id = `${broker}-${number}`;
      await logins.add(id, CASH);
      accounts.push({ id, opened: await logins.open(id) });
    }
    return exchange;
  }

  get symbols(): string[] {
    return [...this.prices.keys()];
  }

  get assetClass(): AssetClass {
    return this.broker === 'coinbase' ? 'crypto' : 'equity';
  }

  priceOf(symbol: string): Decimal {
    return this.prices.get(symbol) ?? decimal('0');
  }

  /** The exchange's ledger of this broker, with our account ids. */
  async ledger(): Promise<Body> {
    const { body } = await this.simulator.call('GET', `/control/ledger?broker=${this.broker}`);
    const named = (item: Body) => ({ ...item, account: this.logins.accountOf(item.account) });
    return { ...body, orders: body.orders.map(named), positions: body.positions.map(named) };
  }

  /** Whether a search for a lost order would find this order. */
  looksLike({ account, request, sentAt }: LostOrder, order: Body): boolean {
    const { symbol, side, type, quantity } = request as unknown as OrderRequest;
    const isLater = Date.parse(order.events[0]?.at) >= (sentAt?.getTime() ?? 0) + this.offsetMs - SLACK_MS;
    const isLike = order.symbol === symbol && order.side === side && order.type === type;
    return isLater && isLike && order.quantity === quantity && order.account === account;
  }

  /** Moves prices until `standStill`. */
  move(dice: Dice): void {
    this.walk = this.walkOn(dice);
  }

  /** Stops the prices, with unlimited sizes. */
  async standStill(): Promise<void> {
    this.walking.abort();
    await this.walk;
    for (const symbol of this.symbols) await this.show(symbol, decimal('0'), undefined);
  }

  async close(): Promise<void> {
    this.walking.abort();
    await this.walk;
    await this.simulator.close();
    await rm(this.simulator.directory, { recursive: true, force: true });
  }

  private async walkOn(dice: Dice): Promise<void> {
    while (!this.walking.signal.aborted) {
      const symbol = dice.pick(this.symbols);
      const hundredths = dice.whole(-12, 12) * (dice.happens(0.1) ? 5 : 1);
      await this.show(symbol, decimal(`${hundredths}`).dividedBy(decimal('10000')), dice);
      await pause(STEP_MS / this.prices.size);
    }
  }

  /** The next price of a symbol, sometimes with a small size, so that orders fill in parts. */
  private async show(symbol: string, change: Decimal, dice: Dice | undefined): Promise<void> {
    const last = this.priceOf(symbol).times(decimal('1').plus(change)).roundedTo(2, 'half_even');
    this.prices.set(symbol, last);
    const tick = decimal('0.01');
    const isThin = dice?.happens(0.2) ?? false;
    const size = this.assetClass === 'crypto' ? '0.2' : '8';
    await this.simulator.market(symbol, last.minus(tick).toString(), last.plus(tick).toString(), {
      last: last.toString(),
      ...(isThin ? { bidSize: size, askSize: size } : {}),
    });
  }
}
