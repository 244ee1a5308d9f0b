import { alpaca, coinbase, etrade, schwab } from '../support/live-scenario-brokers.js';
import { scenarios } from '../support/scenario.js';
import { oppositeTrades, optionStops, splitOvernight, wholePath } from './whole-path.js';

const withShares = [alpaca, etrade, schwab];

scenarios(wholePath.title, wholePath.define, [...withShares, coinbase]);
scenarios(splitOvernight.title, splitOvernight.define, withShares);
scenarios(oppositeTrades.title, oppositeTrades.define, withShares);
scenarios(optionStops.title, optionStops.define, [...withShares, coinbase]);
