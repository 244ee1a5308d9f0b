import { readFileSync } from 'node:fs';
import { stringify } from 'lossless-json';
import { describe, expect, it } from 'vitest';
import { decimalString } from '../../src/domain/decimal.js';
import { amount, parseLosslessly } from '../../src/wire/json.js';

const TOKEN = /"(?:\\.|[^"\\])*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[{}[\]:,]|true|false|null/g;

/** The tokens of the bodies that a broker's documentation shows, numbers in their own spelling. */
function tokensOf(broker: string): string[] {
  return readFileSync(new URL(`recorded/${broker}.json`, import.meta.url), 'utf8').match(TOKEN) ?? [];
}

const isNumber = (token: string) => /^-?\d/.test(token);

describe.each(['schwab', 'coinbase', 'etrade', 'alpaca'])('the recorded bodies of %s', (broker) => {
  it('are read, and written again, without losing a member or a digit', () => {
    const tokens = tokensOf(broker);
    // numbers stay the text they were sent as
    const expected = tokens.map((token) => (isNumber(token) ? `"${token}"` : token)).join('');
    expect(stringify(parseLosslessly(tokens.join('')))).toBe(expected);
  });

  it('have amounts that are all exact', () => {
    for (const number of tokensOf(broker).filter(isNumber)) expect(amount.parse(number)).toBe(decimalString(number));
  });
});
