/** From which spread on a quote is too wide to judge a stop or a target by, from `WIDE_…`. */
import type { z } from 'zod';
import { decimalString } from '../domain/decimal.js';
import { DEFAULT_WIDE_QUOTES, type WideQuoteSettings } from '../domain/trade/wide-quotes.js';
import { decimalText } from './settings.js';

export const wideQuoteEnvironment = {
  WIDE_QUOTE_PERCENT: decimalText.default(DEFAULT_WIDE_QUOTES.percent),
  WIDE_OPTION_QUOTE_PERCENT: decimalText.default(DEFAULT_WIDE_QUOTES.optionPercent),
  WIDE_OPTION_QUOTE_DOLLARS: decimalText.default(DEFAULT_WIDE_QUOTES.optionDollars),
};
type WideQuoteEnvironment = z.infer<z.ZodObject<typeof wideQuoteEnvironment>>;

export function wideQuoteSettings(environment: WideQuoteEnvironment): WideQuoteSettings {
  return {
    percent: decimalString(environment.WIDE_QUOTE_PERCENT),
    optionPercent: decimalString(environment.WIDE_OPTION_QUOTE_PERCENT),
    optionDollars: decimalString(environment.WIDE_OPTION_QUOTE_DOLLARS),
  };
}
