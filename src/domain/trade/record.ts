import type { Exposure } from './admission.js';
import type { Alert, JournalEntry } from './journal.js';
import type { TradeState } from './state.js';
import type { TradeView } from './view.js';

/** What is written of a trade: what everybody sees of it, and what it needs to go on after a crash. */
export interface TradeRecord {
  version: number;
  view: TradeView;
  /** for the guardian, without what is written here */
  state: TradeState;
  journal: JournalEntry[];
  alerts: Alert[];
  exposure: Exposure;
}
