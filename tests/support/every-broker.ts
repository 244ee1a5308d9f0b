/** Scenarios at the paper broker or, over HTTP, at each live broker's protocol: the project that runs them says where. */

import { inject } from 'vitest';
import { liveMarket } from './live-market.js';
import { type DefineScenario, paper, type ScenarioBroker, scenarios } from './scenario.js';

const alpaca: ScenarioBroker = {
  title: 'alpaca',
  open: ({ prices, ...options }) => liveMarket('alpaca', prices, options),
  traits: { fills: 'singly', marketRests: true, feeRate: '0', cancelsRest: false },
  assetClass: 'equity',
};

const coinbase: ScenarioBroker = {
  title: 'coinbase',
  open: ({ prices, ...options }) => liveMarket('coinbase', prices, options),
  traits: { fills: 'singly', marketRests: false, feeRate: '0.004', cancelsRest: false },
  assetClass: 'crypto',
};

const schwab: ScenarioBroker = {
  title: 'schwab',
  open: ({ prices, ...options }) => liveMarket('schwab', prices, options),
  traits: { fills: 'singly', marketRests: true, feeRate: '0', cancelsRest: false },
  assetClass: 'equity',
};

const etrade: ScenarioBroker = {
  title: 'etrade',
  open: ({ prices, ...options }) => liveMarket('etrade', prices, options),
  traits: { fills: 'in_total', marketRests: true, feeRate: '0', cancelsRest: false },
  assetClass: 'equity',
};

const alpacaWithoutRests: ScenarioBroker = {
  ...alpaca,
  title: 'alpaca, onPartialFill cancel_rest',
  traits: { ...alpaca.traits, cancelsRest: true },
};

const VENUES = { paper: [paper], live: [alpaca, alpacaWithoutRests, coinbase, schwab, etrade] };

declare module 'vitest' {
  interface ProvidedContext {
    /** Set in vitest.config.ts. */
    scenarioVenues: keyof typeof VENUES;
  }
}

export function scenariosEverywhere(group: string, define: (scenario: DefineScenario) => void): void {
  scenarios(group, define, VENUES[inject('scenarioVenues')]);
}
