import { log, setCurrentDetails } from '@temporalio/workflow';
import { exposureOf } from '../../src/domain/trade/admission.js';
import { isCoverUnsure } from '../../src/domain/trade/protection.js';
import type { TradeRecord } from '../../src/domain/trade/record.js';
import type { TradeState } from '../../src/domain/trade/state.js';
import { toView } from '../../src/domain/trade/to-view.js';
import { lastRecord, records, rejection } from '../support/activity-profiles.js';
import { operatorCard } from '../support/operator-card.js';
import { publishSearchAttributes } from '../support/search-attributes.js';

/** Writes what changed of the trade to the read model, the search attributes and the operator's card. */
export class Recorder {
  private written = '';

  constructor(private readonly state: TradeState) {}

  /** When the database is away the trade goes on, and the next publish writes everything. */
  async publish(): Promise<void> {
    publishSearchAttributes(this.state);
    setCurrentDetails(this.card());
    if (!this.isDue()) return;
    try {
      await this.write(records.recordTrade);
    } catch (error) {
      log.warn('The read model could not be written. The trade goes on.', { error: String(error) });
    }
  }

  /**
   * The last one is written however long it takes. That a trade was not admitted is written only when that is in the
   * history: until then its task may be run again elsewhere, and admitted there.
   */
  async publishLast(): Promise<void> {
    publishSearchAttributes(this.state);
    const { recordTrade } = this.state.admission === 'accepted' ? lastRecord : rejection;
    if (this.isDue()) await this.write(recordTrade);
  }

  card(): string {
    return operatorCard(this.state, Date.now());
  }

  private isDue(): boolean {
    const { journal, alerts } = this.state.pending;
    return journal.length > 0 || alerts.length > 0 || this.fingerprint() !== this.written;
  }

  private async write(recordTrade: (record: TradeRecord) => Promise<void>): Promise<void> {
    const { state } = this;
    const journal = [...state.pending.journal];
    const alerts = [...state.pending.alerts];
    const fingerprint = this.fingerprint();
    // Rises across runs too: a run that was reset must not write behind the one before.
    state.recordVersion = Math.max(state.recordVersion + 1, Date.now());
    const carried: TradeState = { ...state, pending: { journal: [], alerts: [] } };
    const view = toView(state, Date.now());
    await recordTrade({
      version: state.recordVersion,
      view,
      state: carried,
      journal,
      alerts,
      exposure: exposureOf(state),
    });
    this.written = fingerprint;
    // What was added meanwhile stays, also when older lines were dropped to make room.
    state.pending = {
      journal: state.pending.journal.filter((entry) => !journal.includes(entry)),
      alerts: state.pending.alerts.filter((alert) => !alerts.includes(alert)),
    };
  }

  /** What the read model shows, without what changes with every quote, and how soon the guardian is to miss the trade. */
  private fingerprint(): string {
    const { unrealizedPnl: _quote, unprotectedSeconds: _clock, ...shown } = toView(this.state, 0);
    return JSON.stringify([shown, isCoverUnsure(this.state)]);
  }
}
