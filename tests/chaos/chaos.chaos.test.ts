import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { LIVE_BROKERS } from '../../src/domain/broker-login.js';
import { freshDatabase } from '../support/database.js';
import { devServer } from '../support/temporal.js';
import { DEFAULT_AT_ONCE, runCampaign } from './campaign.js';
import { tableOf } from './table.js';

/** A rate at which trades finish quickly; `npm run chaos` runs at a much higher one. */
const RATE = 0.02;
const TRADES = 30;
const SEEDS = [20_260_303, randomInt(2 ** 31)];

describe.each(SEEDS)('thirty trades under faults, their workers killed now and then, by seed %i', (seed) => {
  it.concurrent.each(LIVE_BROKERS)(
    '%s: no order lost, none sent twice, nothing sold that was not held',
    async (broker) => {
      const database = await freshDatabase();
      const temporal = await devServer();
      const options = {
        broker,
        trades: TRADES,
        seed,
        rate: RATE,
        kills: true,
        atOnce: DEFAULT_AT_ONCE,
        budget: false,
        report: () => {},
      };
      const result = await runCampaign(options, { databaseUrl: database.url, temporal });
      console.log(`seed ${seed}\n${tableOf([result])}`);
      expect({ findings: result.findings, stories: result.findings.length > 0 ? result.stories : [] }).toEqual({
        findings: [],
        stories: [],
      });
      await database.close();
    },
  );
});
