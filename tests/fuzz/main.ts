/** `npm run fuzz`: slow texts, then Schemathesis, against servers of this run's own. `--help` lists the options. */
import { randomInt } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { startServers } from '../../bench/servers.js';
import { type LiveApi, startLiveApi } from './live-api.js';
import { fuzz, total } from './schemathesis.js';
import { isSuperLinear, tableOf, timePerByte } from './time-per-byte.js';

const { requests, texts, seed } = new Command('fuzz')
  .description('random requests at the API, its answers held against its OpenAPI document')
  .option('--requests <count>', 'so many at least', wholeNumber, 20_000)
  .option('--texts <count>', 'so many by chance for each place, when slow ones are looked for', wholeNumber, 3)
  .option('--seed <number>', 'of the first round; the next ones count up', wholeNumber, randomInt(2 ** 31))
  .addHelpText('after', '\nExample:\n  $ npm run fuzz -- --requests 200000')
  .parse()
  .opts<{ requests: number; texts: number; seed: number }>();

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

const servers = await startServers();
let api: LiveApi | undefined;
const stop = async () => {
  await api?.close();
  await servers.stop();
};
for (const signal of SIGNALS) process.once(signal, () => void stop().then(() => process.exit(130)));
try {
  const temporal = { address: servers.temporalAddress, namespace: 'default' };
  api = await startLiveApi({ databaseUrl: servers.databaseUrl, temporal });
  say(`seed ${seed}`);
  const growths = await timePerByte(api, { seed, random: texts });
  say(tableOf(growths));
  const slow = growths.filter(isSuperLinear).map(({ route, where }) => `slower the longer it is: ${where} of ${route}`);
  const { answered, failures: others } = await fuzz(api, { requests, seed, report: say });
  const failures = [...slow, ...others];
  for (const failure of failures) say(failure);
  say(api.said());
  say(`${total(answered)} requests: ${JSON.stringify(answered)}; ${failures.length === 0 ? 'all is well' : 'FAILED'}`);
  process.exitCode = failures.length === 0 && Object.keys(answered).every((status) => status < '500') ? 0 : 1;
} finally {
  await stop();
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('a whole number is needed');
  return value;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
