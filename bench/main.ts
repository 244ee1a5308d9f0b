/** `npm run bench -- lifecycle events`: prints figures as ratios to a reference in the same run; it asserts nothing. */
import { events } from './events.js';
import { failover } from './failover.js';
import { lifecycle } from './lifecycle.js';
import { matching } from './matching.js';
import { replay } from './replay.js';
import { startServers } from './servers.js';
import { watch } from './watch.js';

const BENCHES = { lifecycle, events, replay, failover, watch, matching };

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  process.stderr.write(`unknown: ${unknown.join(', ')}. There are: ${Object.keys(BENCHES).join(', ')}\n`);
  process.exit(2);
}
const chosen = Object.entries(BENCHES).filter(([name]) => names.length === 0 || names.includes(name));
const servers = await startServers();
try {
  for (const [name, bench] of chosen) {
    process.stdout.write(`${name}\n`);
    await bench(servers);
  }
} finally {
  await servers.stop();
}
