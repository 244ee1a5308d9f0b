/**
 * Records a history of every life of a trade: `node scripts/run.mjs tests/replay/record-histories.ts [NAME…]`, or of those
 * that are named. For a new way in which a trade can go, not for making a failing replay pass: open trades have the
 * histories that are recorded here.
 */
import { runWithServers } from '../support/run-with-servers.js';

await runWithServers('tests/replay/histories.recording.ts', 120_000, process.argv.slice(2));
