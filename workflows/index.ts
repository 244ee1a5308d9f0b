/** The workflow types that a worker serves, and nothing else. */
export { connection } from './connection/connection.workflow.js';
export { flatten } from './flatten/flatten.workflow.js';
export { guardian } from './guardian/guardian.workflow.js';
export { trade } from './trade/trade.workflow.js';
