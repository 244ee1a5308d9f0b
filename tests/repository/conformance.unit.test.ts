import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deck } from '../conformance/deck/deck.js';
import { type Results, tableOf } from '../conformance/table.js';
import { BROKERS, type BrokerName } from '../conformance/venues.js';

function resultsOf(broker: BrokerName): Results {
  return JSON.parse(readFileSync(`tests/conformance/results/${broker}.json`, 'utf8')) as Results;
}

describe('the table of the conformance deck', () => {
  it('has every card once', () => {
    expect(new Set(deck.map(({ title }) => title)).size).toBe(deck.length);
  });

  it.each(BROKERS)('has the outcome of every card, and none that failed: %s', (broker) => {
    const results = resultsOf(broker);
    expect(Object.keys(results)).toEqual(deck.map(({ title }) => title));
    expect(Object.values(results)).not.toContain('FAILS');
  });

  // `npm run conformance` writes it anew
  it('is that of the last run', async () => {
    const results = Object.fromEntries(BROKERS.map((broker) => [broker, resultsOf(broker)]));
    await expect(tableOf(results as Record<BrokerName, Results>)).toMatchFileSnapshot('../../docs/conformance.md');
  });
});
