/** The workflow types that a worker serves, and nothing else. */
export { guardian } from './guardian/guardian.workflow.js';
export { trade } from './trade/trade.workflow.js';
