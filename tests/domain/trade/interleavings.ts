/** Lives of a trade at random: what the market, people and the broker do to it, and what must hold all the while. */
import { ok } from 'node:assert/strict';
import fc from 'fast-check';
import { Decimal, decimalString } from '../../../src/domain/decimal.js';
import { isFinal } from '../../../src/domain/order.js';
import {
  checkEntryChange,
  checkExitsChange,
  requestCancel,
  requestClose,
  requestEntryChange,
  requestExitsChange,
} from '../../../src/domain/trade/commands.js';
import { activeOrder, hasUnknownOrder, totals } from '../../../src/domain/trade/state.js';
import type { TradeStatus } from '../../../src/domain/trade/status.js';
import { expectLegalMoves } from '../../support/audit.js';
import { type Fault, SimulatedTrade } from './simulated-trade.js';

type Event =
  | { kind: 'price'; bid: number; size: number }
  | { kind: 'close' | 'cancel' | 'look' }
  | { kind: 'pass'; seconds: number }
  | { kind: 'outage'; seconds: number }
  | { kind: 'hand'; leg: 'stop' | 'entry' }
  | { kind: 'handSale'; quantity: number }
  | { kind: 'replace'; limitPrice: number; quantity: number }
  | { kind: 'adjust'; stopPrice: number };

/** The entry begins with 10; a change may ask for as many. */
const LARGEST_ENTRY = 15;

const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('price' as const),
      bid: fc.integer({ min: 85, max: 115 }),
      size: fc.integer({ min: 1, max: 12 }),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom({ kind: 'close' as const }, { kind: 'cancel' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'look' as const }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 90 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('outage' as const), seconds: fc.integer({ min: 1, max: 30 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('hand' as const),
      leg: fc.constantFrom('stop' as const, 'entry' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('handSale' as const), quantity: fc.integer({ min: 1, max: 10 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('replace' as const),
      limitPrice: fc.integer({ min: 85, max: 115 }),
      quantity: fc.integer({ min: 5, max: LARGEST_ENTRY }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('adjust' as const), stopPrice: fc.integer({ min: 80, max: 120 }) }),
  },
);

const fault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 6, arbitrary: fc.constant('none' as const) },
  { weight: 2, arbitrary: fc.constant('answer_lost' as const) },
  { weight: 2, arbitrary: fc.constant('request_lost' as const) },
  { weight: 1, arbitrary: fc.constant('refused' as const) },
  { weight: 1, arbitrary: fc.constant('not_placed' as const) },
  { weight: 1, arbitrary: fc.constant('turned_down' as const) },
);

const mostly = fc.constantFrom(true, true, true, false);
const capabilities = fc.record(
  {
    // Left out: the type that was asked for.
    stopType: fc.constantFrom('none' as const, 'stop' as const, 'stop_limit' as const),
    stopBesideEntry: mostly,
    refusesRepeats: mostly,
    findsById: mostly,
  },
  {
    requiredKeys: ['stopBesideEntry', 'refusesRepeats', 'findsById'],
  },
);

const request = fc.record(
  {
    side: fc.constantFrom('buy' as const, 'sell_short' as const),
    orderType: fc.constantFrom('market' as const, 'limit' as const),
    // The market begins at 100: some fill at once, some rest.
    limitPrice: fc.integer({ min: 92, max: 108 }).map((price) => decimalString(`${price}`)),
    onCancel: fc.constantFrom('flatten' as const, 'keep_stop' as const),
    onUnprotected: fc.constantFrom('flatten' as const, 'emulate' as const),
    onPartialFill: fc.constantFrom('emulate' as const, 'cancel_rest' as const),
    onStopMissing: fc.constantFrom('restore' as const, 'ask' as const),
    takeProfit: fc.constantFrom(undefined, { percent: '8' as never }),
    stopLoss: fc.constantFrom(
      { percent: '5' as never },
      { percent: '5' as never, limitOffset: '1' as never },
      { trailPercent: '5' as never },
    ),
  },
  { requiredKeys: ['limitPrice'] },
);

function apply(trade: SimulatedTrade, happened: Event): void {
  switch (happened.kind) {
    case 'price':
      trade.market(String(happened.bid), String(happened.size));
      return;
    case 'close':
      requestClose(trade.state, 'manual', trade.now);
      trade.rest();
      return;
    case 'cancel':
      requestCancel(trade.state, trade.now);
      trade.rest();
      return;
    case 'look':
      trade.look();
      expectCover(trade);
      return;
    case 'pass':
      trade.pass(happened.seconds * 1000);
      return;
    case 'outage':
      trade.outage(true);
      trade.pass(happened.seconds * 1000);
      trade.outage(false);
      return;
    case 'hand':
      trade.cancelByHand(happened.leg);
      return;
    case 'handSale':
      trade.closeByHand(String(happened.quantity));
      return;
    case 'replace': {
      const { limitPrice, quantity } = happened;
      const change = { limitPrice: decimalString(`${limitPrice}`), quantity: decimalString(`${quantity}`) };
      if (!checkEntryChange(trade.state, change)) requestEntryChange(trade.state, change);
      trade.rest();
      return;
    }
    case 'adjust': {
      const change = { stopPrice: decimalString(`${happened.stopPrice}`) };
      if (!checkExitsChange(trade.state, change)) requestExitsChange(trade.state, change, trade.now);
      trade.rest();
    }
  }
}

/** A trade that has looked and rests, and has no reason to wait, has a stop at the broker for all it holds. */
function expectCover({ state, known, now }: SimulatedTrade): void {
  const { protection, monitor, capabilities } = state;
  const { open } = totals(state);
  const retries = (protection.retryAt ?? 0) > now || undefined;
  const waits = state.closing ?? state.attention ?? retries ?? monitor.unexplained ?? monitor.unreachableSince;
  // A send that did not reach the broker, or a cancel that is not confirmed, waits a moment until it is sent again.
  const { again, cancel } = activeOrder(state, 'stop') ?? {};
  const isUnsent = Math.max(again?.nextAt ?? 0, cancel?.nextAt ?? 0) > now;
  const mayNot = capabilities.stopType === 'none' || protection.emulated || hasUnknownOrder(state, 'stop') || isUnsent;
  const beside = capabilities.stopBesideEntry || !activeOrder(state, 'entry');
  if (!open.isPositive() || waits !== undefined || mayNot || !beside) return;
  const stop = activeOrder(state, 'stop');
  const booked = known.get(stop?.request.clientOrderId ?? '')?.order;
  ok(booked && !isFinal(booked.status), 'no stop at the broker');
  ok(booked.triggered || booked.quantity.minus(booked.filled).equals(open), 'the stop is not for what is open');
}

function expectInvariants(trade: SimulatedTrade): void {
  const moves = trade.state.pending.journal.filter(({ kind }) => kind === 'status').map(({ data }) => data);
  expectLegalMoves(moves as { status: TradeStatus }[]);
  const long = trade.state.request.side === 'buy';
  for (const { bought, sold } of trade.prefixes) {
    const [entered, exited] = long ? [bought, sold] : [sold, bought];
    ok(exited.atMost(entered), `${exited} left, ${entered} came in`);
    ok(entered.atMost(Decimal.ofInteger(LARGEST_ENTRY)), `${entered} came in`);
  }
  const active = (leg: string) =>
    trade.working().filter(({ clientOrderId }) => clientOrderId.includes(`-${leg}`)).length;
  for (const leg of ['e', 's', 'x']) ok(active(leg) <= 1, `${active(leg)} orders of leg ${leg} work`);
  if (!trade.ended) return;
  ok(trade.position().isZero(), `ended with ${trade.position()}`);
  ok(trade.working().length === 0, 'ended with an order that works');
}

/** @param seed the same lives each time; without it others each time */
export function liveThroughInterleavings(lives: number, seed?: number): void {
  fc.assert(
    fc.property(
      request,
      capabilities,
      fc.array(fault, { maxLength: 12 }),
      fc.array(event, { maxLength: 25 }),
      (terms, abilities, faults, events) => {
        const { limitPrice, ...others } = terms;
        const options = { ...others, ...(terms.orderType === 'limit' && { limitPrice }) };
        const defined = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
        const trade = new SimulatedTrade({ request: defined, capabilities: abilities, faults });
        trade.rest();
        for (const happened of events) {
          if (trade.ended) break;
          apply(trade, happened);
          expectInvariants(trade);
        }
        // Whatever happened, a person who closes the trade gets out, given time and a working broker.
        for (let tries = 0; tries < 12 && !trade.ended; tries++) {
          trade.market('100', '1000000');
          requestClose(trade.state, 'manual', trade.now);
          trade.pass(120_000);
        }
        expectInvariants(trade);
        const { status, attention } = trade.state;
        ok(trade.ended, `not ended: ${status}, ${attention?.code}`);
        ok(totals(trade.state).open.isZero(), 'ended with an open quantity');
      },
    ),
    { numRuns: lives, ...(seed !== undefined && { seed }) },
  );
}
