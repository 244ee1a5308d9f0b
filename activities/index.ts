import { type BrokerLoginDependencies, createBrokerLoginActivities } from './broker-login.activities.js';
import type {
  BrokerLoginActivities,
  FlattenActivities,
  GuardianActivities,
  OrderActivities,
  TradeActivities,
} from './contracts.js';
import { createFlattenActivities, type FlattenDependencies } from './flatten.activities.js';
import { createGuardianActivities, type GuardianDependencies } from './guardian.activities.js';
import { createOrderActivities, type OrderDependencies } from './orders.activities.js';
import { createTradeActivities, type TradeDependencies } from './trade.activities.js';

export type ActivityDependencies = OrderDependencies & TradeDependencies & GuardianDependencies & FlattenDependencies;

/** Everything that workflows on task queue `trades` may ask for. */
export function createActivities(dependencies: ActivityDependencies): OrderActivities & TradeActivities {
  return { ...createOrderActivities(dependencies), ...createTradeActivities(dependencies) };
}

/** What runs on task queue `guardian`, apart from the trades, so that it runs when they are stuck. */
export function createGuardActivities(
  dependencies: GuardianDependencies & FlattenDependencies,
): GuardianActivities & FlattenActivities {
  return { ...createGuardianActivities(dependencies), ...createFlattenActivities(dependencies) };
}

/** What runs on task queue `connections`. */
export function createUpkeepActivities(dependencies: BrokerLoginDependencies): BrokerLoginActivities {
  return createBrokerLoginActivities(dependencies);
}
