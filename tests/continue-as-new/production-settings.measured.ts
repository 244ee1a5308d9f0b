import { it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../src/domain/trade/new-trade.js';
import { BrokerRecord } from '../support/broker-record.js';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { figuresOf, type LongTrade, onSkippedTime, openLongTrade, passMinutes } from './long-trade.js';

const TICKS = Number(process.env.LONG_TRADE_TICKS);
const MINUTES_AT_ONCE = 500;

it('guards a trade with the settings of production', async () => {
  const environment = await timeSkippingEnvironment();
  const long = await openLongTrade(DEFAULT_SETTINGS.continueAsNewEvents, onSkippedTime(environment));
  const begin = Date.now();
  for (let passed = 0; passed < TICKS; passed += MINUTES_AT_ONCE) {
    await passMinutes(environment, Math.min(MINUTES_AT_ONCE, TICKS - passed));
    process.stderr.write(`${Math.min(passed + MINUTES_AT_ONCE, TICKS)} minutes of market in ${seconds(begin)} s\n`);
  }
  long.messages.end();
  console.table(await report(long, seconds(begin)));
  await long.close();
  await environment.teardown();
});

async function report(long: LongTrade, took: number) {
  const { messages } = long;
  const { ticks, runs, events, largestRun, ...received } = await figuresOf(long);
  const updates = messages.adjustments.map(({ answered }) => answered).concat(messages.looks);
  const unanswered = (await Promise.allSettled(updates)).filter(({ status }) => status === 'rejected').length;
  const sent = messages.signals.length + updates.length;
  const arrived = received.signals + received.adjustments + received.looks;
  const record = new BrokerRecord(await long.trading.broker.ledger(), long.trade);
  return {
    ticks,
    runs,
    'largest run, events': largestRun,
    'all events': events,
    'events per tick': Number((events / ticks).toFixed(2)),
    'messages sent': sent,
    'messages lost': Math.max(0, sent - arrived),
    'updates whose caller was not answered in time': unanswered,
    'messages doubled': Math.max(0, arrived - sent),
    'stops placed for so many decisions': `${record.of('stop').length} for ${messages.adjustments.length + 1}`,
    'stop that rests': record
      .working('stop')
      .map(({ stopPrice }) => stopPrice)
      .join(),
    'slowest answer, ms': messages.slowestAnswerMs,
    seconds: took,
  };
}

function seconds(begin: number): number {
  return Math.round((Date.now() - begin) / 1000);
}
