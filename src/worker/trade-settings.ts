import { decimalString } from '../domain/decimal.js';
import type { TradeSettings } from '../domain/trade/settings.js';
import type { Config } from '../platform/config.js';
import { monitorInterval } from './monitor-interval.js';

/** What this installation gives every new trade along. */
export function tradeSettings(config: Config): TradeSettings {
  const { percent, optionPercent, optionDollars } = config.wideQuotes;
  return {
    monitorIntervalMs: monitorInterval(config.monitorIntervalMs, config.marketData),
    continueAsNewEvents: config.continueAsNewEvents,
    wideQuotes: {
      percent: decimalString(percent),
      optionPercent: decimalString(optionPercent),
      optionDollars: decimalString(optionDollars),
    },
  };
}
