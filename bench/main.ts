/**
 * `npm run bench -- lifecycle events`: measures beside references of the same run, and asserts nothing. `--short`: those that
 * take seconds, one round of each, and nothing is kept.
 */
import { api } from './api.js';
import { events } from './events.js';
import { failover } from './failover.js';
import { Figures, type Report } from './figures.js';
import { lifecycle } from './lifecycle.js';
import { matching } from './matching.js';
import { place } from './place.js';
import { quotes } from './quotes.js';
import { reaction } from './reaction.js';
import { replay } from './replay.js';
import { keepResult } from './results.js';
import { scale } from './scale.js';
import { type Servers, startServers } from './servers.js';
import { start } from './start.js';
import { stream } from './stream.js';
import { watch } from './watch.js';

const BENCHES: Record<string, (servers: Servers, report: Report, rounds: number) => Promise<void>> = {
  lifecycle,
  events,
  replay,
  failover,
  watch,
  reaction,
  place,
  quotes,
  matching,
  api,
  stream,
  start,
  scale,
};

const SHORT = ['lifecycle', 'events', 'replay', 'place', 'matching'];
const ROUNDS = 3;

const isShort = process.argv[2] === '--short';
const names = isShort ? SHORT : process.argv.slice(2);
const unknown = names.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  process.stderr.write(`unknown: ${unknown.join(', ')}. There are: ${Object.keys(BENCHES).join(', ')}\n`);
  process.exit(2);
}
const chosen = Object.entries(BENCHES).filter(([name]) => names.length === 0 || names.includes(name));
const servers = await startServers();
try {
  for (const [name, bench] of chosen) {
    show(name);
    const figures = new Figures((line) => show(`  ${line}`));
    await bench(servers, figures.report, isShort ? 1 : ROUNDS);
    if (!isShort) await keepResult(name, figures.measured);
  }
} finally {
  await servers.stop();
}

function show(line: string): void {
  process.stdout.write(`${line}\n`);
}
