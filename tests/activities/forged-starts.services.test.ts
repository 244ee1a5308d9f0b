import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';
import type { TradeActivities } from '../../activities/contracts.js';
import { createTradeActivities } from '../../activities/trade.activities.js';
import { createStartTickets } from '../../src/auth/start-tickets.js';
import { freshDatabase } from '../support/database.js';
import { SESSION_SECRET } from '../support/trading.js';

const FORGED = 300;

test('T63 a flood of forged starts is refused one by one, and leaves a bounded number of rows', async () => {
  const database = await freshDatabase();
  const { prisma } = database;
  // As two workers would: the bound is the installation's.
  const workers = [1, 2].map(() =>
    createTradeActivities({
      prisma,
      tickets: createStartTickets(SESSION_SECRET),
      brokerOf: () => {
        throw new Error('a forged start reached a broker');
      },
      settings: { monitorIntervalMs: 60_000, continueAsNewEvents: 150 },
      ensureGuardian: async () => {},
      senderOf: async () => undefined,
    }),
  );
  const forge = (index: number) => {
    const start = { workflowId: `trade-${randomUUID()}`, input: { buy: 'everything' } };
    const { admitTrade } = workers[index % workers.length] as TradeActivities;
    return new MockActivityEnvironment().run(admitTrade, start);
  };
  const answers = await Promise.all(Array.from({ length: FORGED }, (_, index) => forge(index)));
  for (const answer of answers) expect(answer).toMatchObject({ accepted: false, reason: { code: 'invalid_ticket' } });
  const rows = await prisma.auditEvent.findMany({ where: { action: 'trade.start_refused' } });
  // A window may have ended meanwhile, and another one begun.
  expect(rows.length).toBeGreaterThanOrEqual(31);
  expect(rows.length).toBeLessThanOrEqual(62);
  expect(rows.map(({ subject }) => subject)).toContain('more than are recorded');
  await database.close();
});
