import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CLIENTS, type Client, type Outcomes, tableOf } from './clients.js';

const PAGE = 'docs/simulator.md';
/** The only table whose first column is the client. */
const TABLE = /\| client \| broker \|.*\n(\|.*\n)+/;

function outcomesOf(client: string): Outcomes {
  return JSON.parse(readFileSync(`tests/simulator/foreign/results/${client}.json`, 'utf8')) as Outcomes;
}

// `npx vitest run --project soak tests/simulator/foreign --update`, then this test with `--update`, write it anew
it('the table of the clients that others wrote is that of their last run', async () => {
  const results = Object.fromEntries(Object.keys(CLIENTS).map((client) => [client, outcomesOf(client)]));
  const page = readFileSync(PAGE, 'utf8');
  expect(page).toMatch(TABLE);
  const written = page.replace(TABLE, () => tableOf(results as Record<Client, Outcomes>));
  await expect(written).toMatchFileSnapshot(`../../../${PAGE}`);
});
