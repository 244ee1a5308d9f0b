/** From which spread on a quote is too wide to judge a stop or a target by, from `WIDE_…`: decimals as text. */
import type { z } from 'zod';
import { decimalText } from './settings.js';

export interface WideQuotes {
  percent: string;
  optionPercent: string;
  optionDollars: string;
}

export const wideQuoteEnvironment = {
  WIDE_QUOTE_PERCENT: decimalText.default('2'),
  WIDE_OPTION_QUOTE_PERCENT: decimalText.default('25'),
  WIDE_OPTION_QUOTE_DOLLARS: decimalText.default('0.20'),
};
type WideQuoteEnvironment = z.infer<z.ZodObject<typeof wideQuoteEnvironment>>;

export function wideQuoteSettings(environment: WideQuoteEnvironment): WideQuotes {
  return {
    percent: environment.WIDE_QUOTE_PERCENT,
    optionPercent: environment.WIDE_OPTION_QUOTE_PERCENT,
    optionDollars: environment.WIDE_OPTION_QUOTE_DOLLARS,
  };
}
