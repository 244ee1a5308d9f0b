import { describe, expect, it } from 'vitest';
import { isFinal } from '../../src/domain/order.js';
import { Bench } from './bench.js';
import type { Card, Remark } from './card.js';
import { deck } from './deck/deck.js';
import { PASSES, type Results, resultsFile } from './table.js';
import { ACCOUNT, type BrokerName } from './venues.js';

/** Plays every card at one broker, and keeps what came of each. */
export function runDeck(name: BrokerName): void {
  const results: Results = Object.fromEntries(deck.map(({ title }) => [title, 'FAILS']));

  describe.each([...new Set(deck.map(({ group }) => group))])(`${name}: %s`, (group) => {
    it.each(deck.filter((card) => card.group === group))('$number $title', async (card) => {
      const remarks = card.lags === 'only' ? [] : [await played(name, card, false)];
      if (card.lags) remarks.push(await played(name, card, true));
      // what lags changes nothing that a card is about
      expect(new Set(remarks).size).toBe(1);
      results[card.title] = remarks[0] ?? PASSES;
    });
  });

  // the table of docs/conformance.md is made of these; `npm run conformance` writes them anew
  it(`${name}: the outcomes are those of the table`, async () => {
    await expect(`${JSON.stringify(results, null, 2)}\n`).toMatchFileSnapshot(resultsFile(name));
  });
}

async function played(name: BrokerName, { play }: Card, hasLags: boolean): Promise<Remark> {
  const bench = await Bench.open(name, hasLags);
  try {
    const remark = await play(bench);
    await expectAgreement(bench);
    return remark;
  } finally {
    await bench.close();
  }
}

/** After each card the adapter, once more asked without any fault, shows every order and position as the exchange has it. */
async function expectAgreement(bench: Bench): Promise<void> {
  if (bench.access.hasEnded) return;
  await bench.simulator.call('DELETE', '/control/faults');
  bench.advance(60);
  const broker = bench.another();
  for (const shown of await bench.ledger()) {
    const order = await broker.order(ACCOUNT, shown.orderId);
    const { symbol, side, quantity, filledQuantity, status } = shown;
    expect(order).toMatchObject({ symbol, side, quantity, filledQuantity });
    if (isFinal(status)) expect(order?.status).toBe(status);
    else expect(order && isFinal(order.status)).toBe(false);
  }
  const held = (await broker.positions(ACCOUNT)).rows.map(asPair);
  const { positions } = await bench.simulator.ledger();
  expect(new Map(held)).toEqual(new Map(positions.filter(isHeld).map(asPair)));
}

interface LedgerPosition {
  symbol: string;
  quantity: string;
}

const isHeld = ({ quantity }: LedgerPosition) => quantity !== '0';
const asPair = ({ symbol, quantity }: LedgerPosition) => [symbol, quantity] as const;
