import { alpaca, alpacaWithoutRests } from '../support/live-scenario-brokers.js';
import { playAll } from './play-all.js';

playAll(alpaca, alpacaWithoutRests);
