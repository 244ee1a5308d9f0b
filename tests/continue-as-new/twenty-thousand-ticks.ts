/**
 * What guarding a trade for 20,000 minutes costs with production's settings. It takes an hour or less:
 * `node scripts/run.mjs tests/continue-as-new/twenty-thousand-ticks.ts [ticks]`
 */
import { runWithServers } from '../support/run-with-servers.js';

process.env.LONG_TRADE_TICKS = process.argv[2] ?? '20000';
await runWithServers('tests/continue-as-new/production-settings.measured.ts', 3 * 3_600_000);
