/** What a trade reports: lines of its journal, and alerts for people. Both are written to the database later. */
import type { Alert, JournalEntry, JournalKind } from './journal.js';
import type { TradeState } from './state.js';

/** Adds a line to the journal. An entry with a key that is there already is the same entry. */
export function note(
  state: TradeState,
  now: number,
  kind: JournalKind,
  key: string,
  data: JournalEntry['data'] = {},
): void {
  state.pending.journal.push({ key: `${kind}:${key}`, at: now, kind, data });
}

/** Raises an alert. An alert with the same code and key is raised once. */
export function alert(state: TradeState, severity: Alert['severity'], code: string, message: string, key = ''): void {
  state.pending.alerts.push({ key: `${state.id}:${code}:${key}`, severity, code, message });
}
