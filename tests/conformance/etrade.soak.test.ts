import { runDeck } from './run-deck.js';

runDeck('etrade');
