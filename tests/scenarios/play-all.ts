/** All scenarios by group, at the brokers that a test file names. */
import { type ScenarioBroker, scenarios } from '../support/scenario.js';
import { errorHandling } from './error-handling.js';
import { orderCancellation } from './order-cancellation.js';
import { orderExecution } from './order-execution.js';
import { orderPlacement } from './order-placement.js';
import { riskManagement } from './risk-management.js';
import { riskManagementDailyLimit } from './risk-management-daily-limit.js';
import { stopLossEnforcement } from './stop-loss-enforcement.js';
import { tradeStatusTransitions } from './trade-status-transitions.js';

const groups = [
  errorHandling,
  orderCancellation,
  orderExecution,
  orderPlacement,
  riskManagementDailyLimit,
  riskManagement,
  stopLossEnforcement,
  tradeStatusTransitions,
];

export function playAll(...brokers: readonly ScenarioBroker[]): void {
  for (const { title, define } of groups) scenarios(title, define, brokers);
}
