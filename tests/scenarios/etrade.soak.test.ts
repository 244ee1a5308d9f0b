import { etrade } from '../support/live-scenario-brokers.js';
import { playAll } from './play-all.js';

playAll(etrade);
