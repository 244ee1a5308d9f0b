/** The brokers at which scenarios run, over HTTP in each live broker's protocol. */

import { liveMarket } from './live-market.js';
import type { ScenarioBroker } from './scenario.js';

export const alpaca: ScenarioBroker = {
  title: 'alpaca',
  open: ({ prices, ...options }) => liveMarket('alpaca', prices, options),
  traits: { fills: 'singly', marketRests: true, feeRate: '0', cancelsRest: false },
  assetClass: 'equity',
};

export const coinbase: ScenarioBroker = {
  title: 'coinbase',
  open: ({ prices, ...options }) => liveMarket('coinbase', prices, options),
  traits: { fills: 'singly', marketRests: false, feeRate: '0.004', cancelsRest: false },
  assetClass: 'crypto',
};

export const schwab: ScenarioBroker = {
  title: 'schwab',
  open: ({ prices, ...options }) => liveMarket('schwab', prices, options),
  traits: { fills: 'singly', marketRests: true, feeRate: '0', cancelsRest: false },
  assetClass: 'equity',
};

export const etrade: ScenarioBroker = {
  title: 'etrade',
  open: ({ prices, ...options }) => liveMarket('etrade', prices, options),
  traits: { fills: 'cumulative', marketRests: true, feeRate: '0', cancelsRest: false },
  assetClass: 'equity',
};

export const alpacaWithoutRests: ScenarioBroker = {
  ...alpaca,
  title: 'alpaca, onPartialFill cancel_rest',
  traits: { ...alpaca.traits, cancelsRest: true },
};
