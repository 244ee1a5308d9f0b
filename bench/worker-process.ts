/** Workers in a process of their own, which can be killed. Its argument: the servers and the options, as JSON. */
import type { Servers } from './servers.js';
import { startWorkers, type WorkOptions } from './trading.js';

const { servers, options } = JSON.parse(process.argv[2] ?? '') as { servers: Servers; options: WorkOptions };
const workers = await startWorkers(servers, options);
process.once('SIGTERM', () => void workers.stop());
