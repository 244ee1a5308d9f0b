/** What a trade needs to know of its broker, and what the broker does not offer. */
import type { Broker } from '../src/broker-port/broker.js';
import type { TradeRequest } from '../src/domain/trade/request.js';
import type { StopType, TradeCapabilities } from '../src/domain/trade/settings.js';
import type { Reason } from '../src/domain/trade/status.js';

const DAY_MS = 86_400_000;

/** What the broker never trades needs no quote to be refused. */
export function whyNotOffered(broker: Broker, request: TradeRequest): Reason | undefined {
  const lacking = whatIsLacking(broker, request);
  if (lacking === undefined) return undefined;
  return {
    code: 'not_offered',
    message: `${broker.name} does not offer ${lacking} orders for ${request.assetClass}.`,
  };
}

/** A market order is filled at once, whatever it is good for. */
function whatIsLacking({ capabilities }: Broker, { assetClass, orderType, timeInForce }: TradeRequest) {
  if (!capabilities.orderTypes[assetClass].includes(orderType)) return orderType;
  if (orderType === 'market') return undefined;
  return capabilities.timesInForce[assetClass].includes(timeInForce) ? undefined : timeInForce;
}

export function capabilitiesOf({ capabilities }: Broker, { assetClass, stopLoss }: TradeRequest): TradeCapabilities {
  const wanted = stopTypesFor(stopLoss);
  const stopType = wanted.find((type) => capabilities.orderTypes[assetClass].includes(type)) ?? 'none';
  const { stopBesideEntry, refusesRepeats, findsById, settleWindowMs, gtcLifeDays } = capabilities;
  const feeInKind = capabilities.feeInKind?.[assetClass];
  const isForTheDay = !capabilities.timesInForce[assetClass].includes('gtc');
  return {
    ...{ stopType, stopBesideEntry, refusesRepeats, findsById, settleWindowMs },
    ...(feeInKind !== undefined && { feeInKind }),
    ...(isForTheDay && { stopTimeInForce: 'day' }),
    ...(gtcLifeDays !== undefined && { gtcLifeMs: gtcLifeDays * DAY_MS }),
  };
}

/** The stop as it was asked for, then what comes nearest to it. A trail without its own type is a stop that is moved. */
function stopTypesFor(stopLoss: TradeRequest['stopLoss']): StopType[] {
  if ('trailPercent' in stopLoss) return ['trailing_stop', 'stop', 'stop_limit'];
  return stopLoss.limitOffset === undefined ? ['stop', 'stop_limit'] : ['stop_limit', 'stop'];
}
