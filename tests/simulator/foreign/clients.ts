/** What came of each client's run, and the table of it in docs/simulator.md. */
import { expect } from 'vitest';

const FLOWS = [
  ...(['sign in', 'account', 'quotes', 'place', 'read', 'replace', 'cancel', 'list', 'positions', 'stream'] as const),
];
export type Flow = (typeof FLOWS)[number];

export const CLIENTS = {
  'alpaca-py': 'Alpaca',
  'alpaca-trade-api': 'Alpaca',
  'ccxt-alpaca': 'Alpaca',
  'coinbase-advanced-py': 'Coinbase',
  'ccxt-coinbase': 'Coinbase',
  'schwab-py': 'Schwab',
  schwabdev: 'Schwab',
  pyetrade: 'E\\*TRADE',
} as const;
export type Client = keyof typeof CLIENTS;

/** Whether the client has calls for a flow; all that it has worked. */
export type Outcomes = Record<Flow, 'works' | 'none'>;

/** The run answers by flow, as expected; what it went through is kept. `--update` writes it anew. */
export async function expectRun(
  client: Client,
  answers: Record<string, unknown>,
  expected: Partial<Record<Flow, unknown>>,
): Promise<void> {
  expect(answers).toEqual(expected);
  const outcomes = Object.fromEntries(FLOWS.map((flow) => [flow, flow in expected ? 'works' : 'none']));
  await expect(`${JSON.stringify(outcomes, null, 2)}\n`).toMatchFileSnapshot(`./results/${client}.json`);
}

export function tableOf(results: Readonly<Record<Client, Outcomes>>): string {
  const head = `| client | broker | ${FLOWS.join(' | ')} |\n|---|---|${FLOWS.map(() => '---|').join('')}`;
  const rows = Object.entries(CLIENTS).map(([client, broker]) => {
    const outcomes = results[client as Client];
    return `| ${client} | ${broker} | ${FLOWS.map((flow) => (outcomes[flow] === 'works' ? '✓' : '–')).join(' | ')} |`;
  });
  return `${head}\n${rows.join('\n')}\n`;
}
