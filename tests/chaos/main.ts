/** `npm run chaos`: many trades at a broker that keeps failing, then an audit. `--help` shows the options. */
import { randomInt } from 'node:crypto';
import { Command, InvalidArgumentError, Option } from 'commander';
import { startServers } from '../../bench/servers.js';
import { LIVE_BROKERS, type LiveBroker } from '../../src/domain/broker-login.js';
import { type CampaignResult, DEFAULT_AT_ONCE, runCampaign } from './campaign.js';
import { tableOf } from './table.js';

interface Options {
  broker: LiveBroker | 'all';
  trades: number;
  seed: number;
  kills: 'on' | 'off';
  rate: number;
  atOnce: number;
  budget: 'on' | 'off';
}

const HELP = `
Every kind of fault hits every call that it applies to at the same rate, workers are killed, and prices move. When all trades
have ended, the exchange's ledger is compared with the database. The exit code is not 0 when an invariant is broken. A seed
repeats the trades, the prices, the fault plan and the times of the kills, but not which of them coincide.

Examples:
  $ npm run chaos -- --broker schwab --trades 100
  $ npm run chaos -- --seed 42 --kills off
  $ npm run chaos -- --broker alpaca --trades 500 --at-once 500 --rate 0 --budget on   more trades at once than the broker's rate limits allow`;

const command = new Command('chaos')
  .description('trades under faults at the simulated brokers')
  .addOption(new Option('--broker <name>', 'the simulated broker').choices([...LIVE_BROKERS, 'all']).default('all'))
  .option('--trades <count>', 'trades per broker', within(1, 100_000), 1_000)
  .option('--seed <number>', 'seed of an earlier run, to repeat it', within(0, 2 ** 31 - 1), randomInt(2 ** 31))
  .addOption(new Option('--kills <on|off>', 'kill workers at random times').choices(['on', 'off']).default('on'))
  .option('--rate <share>', 'probability of each fault at each call that it applies to', within(0, 1), 0.05)
  .option('--at-once <count>', 'trades that run at the same time', within(1, 10_000), DEFAULT_AT_ONCE)
  .addOption(
    new Option('--budget <on|off>', 'enforce request budgets as in production').choices(['on', 'off']).default('off'),
  )
  .addHelpText('after', HELP)
  .parse();
const { broker, trades, seed, kills, rate, atOnce, budget } = command.opts<Options>();

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

say(`seed ${seed}`);
const results: CampaignResult[] = [];
for (const name of broker === 'all' ? LIVE_BROKERS : [broker]) {
  const servers = await startServers();
  const interrupted = () => void servers.stop().then(() => process.exit(130));
  for (const signal of SIGNALS) process.once(signal, interrupted);
  try {
    const temporal = { address: servers.temporalAddress, namespace: 'default' };
    const options = {
      broker: name,
      trades,
      seed,
      rate,
      atOnce,
      kills: kills === 'on',
      budget: budget === 'on',
      report: (line: string) => say(`${name}: ${line}`),
    };
    results.push(await runCampaign(options, { databaseUrl: servers.databaseUrl, temporal }));
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupted);
    await servers.stop();
  }
}
for (const { broker: name, findings, stories } of results) {
  for (const story of stories) say(story);
  for (const { invariant, subject, evidence } of findings) say(`${name}: ${invariant} ${subject}: ${evidence}`);
}
say(tableOf(results));
process.exitCode = results.some(({ findings }) => findings.length > 0) ? 1 : 0;

function within(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isNaN(value) || value < least || value > most) {
      throw new InvalidArgumentError(`must be a number from ${least} to ${most}`);
    }
    return value;
  };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
