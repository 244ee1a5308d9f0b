/** The workflow types that a worker serves, and nothing else. */
// Its type name is part of the contract and stays.
export { brokerLogin as connection } from './broker-login/broker-login.workflow.js';
export { flatten } from './flatten/flatten.workflow.js';
export { guardian } from './guardian/guardian.workflow.js';
export { trade } from './trade/trade.workflow.js';
