import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BrokerRecord } from '../support/broker-record.js';
import { brokenTasksIn } from '../support/runs.js';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { figuresOf, type LongTrade, onSkippedTime, openLongTrade, passMinutes } from './long-trade.js';

const TICKS = 2_000;
const LOOKS = 300;
const CONTINUE_AS_NEW_EVENTS = 100;
/**
 * What a turn of the loop adds at most after the threshold was passed: a look, a signal, two updates, a moved stop (which
 * is a cancel and a new order: 6 events more than when the paper broker replaced a stop in one step).
 */
const LONGEST_TURN_EVENTS = 51;

let environment: TestWorkflowEnvironment;
beforeAll(async () => {
  environment = await timeSkippingEnvironment();
});
afterAll(() => environment.teardown());

describe('a trade with a signal and an update at each boundary between its runs', () => {
  it('guarded for 2,000 ticks: no message is lost or doubled, runs stay short, the stop is right', async () => {
    const long = await openLongTrade(CONTINUE_AS_NEW_EVENTS, onSkippedTime(environment));
    await passMinutes(environment, TICKS);
    await expectNothingLost(long);
    const { ticks, runs } = await figuresOf(long);
    expect(ticks).toBeGreaterThanOrEqual(TICKS);
    expect(runs).toBeGreaterThan(100);
    expect(long.messages.boundaries).toBe(runs - 1);
    await long.close();
  });

  it('asked to look without a pause, on the server that trades run on: the same, and every look is answered', async () => {
    const long = await openLongTrade(CONTINUE_AS_NEW_EVENTS);
    for (let count = 0; count < LOOKS; count++) {
      expect(await long.trading.look(long.trade)).toMatchObject({ status: 'open' });
    }
    await expectNothingLost(long, LOOKS);
    expect(long.messages.boundaries).toBeGreaterThan(10);
    expect((await long.runs()).flatMap(brokenTasksIn)).toEqual([]);
    await long.close();
  });
});

async function expectNothingLost(long: LongTrade, otherLooks = 0): Promise<void> {
  const { messages } = long;
  messages.end();
  const wanted = messages.adjustments.map(({ stopPrice }) => stopPrice);
  const adjusted = await Promise.all(messages.adjustments.map(({ answered }) => answered));
  expect(adjusted.map(({ stopPrice }) => stopPrice)).toEqual(wanted);
  await Promise.all([...messages.looks, ...messages.signals]);

  const { largestRun, ...received } = await figuresOf(long);
  expect(received).toMatchObject({
    doubled: [],
    signals: messages.signals.length,
    adjustments: wanted.length,
    looks: messages.looks.length + otherLooks,
  });
  expect(largestRun).toBeLessThan(CONTINUE_AS_NEW_EVENTS + LONGEST_TURN_EVENTS);
  await expectOneStopPerDecision(long, wanted);
}

/** The first stop is 5 % below the entry; each change put another one in its place, and the last one rests. */
async function expectOneStopPerDecision({ trading, trade }: LongTrade, wanted: string[]): Promise<void> {
  const record = new BrokerRecord(await trading.broker.ledger(), trade);
  expect(record.of('stop').map(({ stopPrice }) => stopPrice)).toEqual(['142.5', ...wanted]);
  expect(record.working()).toMatchObject([{ type: 'stop', stopPrice: wanted.at(-1), quantity: '10' }]);
  const adjusted = await trading.database.prisma.tradeEvent.findMany({
    where: { tradeId: trade.id, kind: 'exits_adjusted' },
    orderBy: { id: 'asc' },
  });
  expect(adjusted.map(({ data }) => data)).toMatchObject(wanted.map((stopPrice) => ({ stopPrice })));
  expect(await trading.view(trade)).toMatchObject({ status: 'open', stopKind: 'broker', stopPrice: wanted.at(-1) });
}
