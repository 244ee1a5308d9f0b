/** The reference's worker in a process of its own. Its argument: Temporal's address. */
import { startEmptyWorker } from './empty-worker.js';

const worker = await startEmptyWorker(process.argv[2] ?? '');
process.once('SIGTERM', () => void worker.stop());
