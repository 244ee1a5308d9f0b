/** What a trade reports: lines of its journal, and alerts for people. Both are written to the database later. */
import type { Alert, JournalEntry, JournalKind } from './journal.js';
import type { TradeState } from './state.js';

/** What the database, while it is away, does not have yet: no more than this is carried. */
const MOST_PENDING = 100;

/** Adds a line to the journal. An entry with a key that is there already is the same entry. */
export function note(
  state: TradeState,
  now: number,
  kind: JournalKind,
  key: string,
  data: JournalEntry['data'] = {},
): void {
  const { pending } = state;
  pending.journal.push({ key: `${kind}:${key}`, at: now, kind, data });
  if (pending.journal.length > MOST_PENDING) dropOldest(pending.journal);
}

/** Raises an alert. An alert with the same code and key is raised once. */
export function alert(state: TradeState, severity: Alert['severity'], code: string, message: string, key = ''): void {
  const { alerts } = state.pending;
  const entry = { key: `${state.id}:${code}:${key}`, severity, code, message };
  if (alerts.some((pending) => pending.key === entry.key)) return;
  alerts.push(entry);
  if (alerts.length > MOST_PENDING) alerts.shift();
}

/** What happened to the position is kept longest; that orders came and went is in the orders' own rows as well. */
function dropOldest(journal: JournalEntry[]): void {
  const least = journal.findIndex(({ kind }) => kind.startsWith('order_'));
  journal.splice(Math.max(least, 0), 1);
}
