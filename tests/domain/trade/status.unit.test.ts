import { describe, expect, it } from 'vitest';
import {
  FINAL_STATUSES,
  isFinalStatus,
  mayMove,
  TRANSITIONS,
  type TradeStatus,
} from '../../../src/domain/trade/status.js';

const statuses = Object.keys(TRANSITIONS) as TradeStatus[];

describe('the table of moves', () => {
  it('knows every status, and leads nowhere else', () => {
    for (const targets of Object.values(TRANSITIONS)) for (const target of targets) expect(statuses).toContain(target);
    for (const status of statuses) expect(mayMove(status, status)).toBe(false);
  });

  it('has no way out of an end, and a way to an end from everywhere else', () => {
    for (const status of statuses) {
      const ends = TRANSITIONS[status].filter(isFinalStatus);
      expect(TRANSITIONS[status].length === 0).toBe(isFinalStatus(status));
      expect(ends.length > 0).toBe(!isFinalStatus(status));
    }
    expect(new Set(statuses.filter(isFinalStatus))).toEqual(new Set(FINAL_STATUSES));
  });

  it('does not lead from a position back to having none, except through its close', () => {
    for (const held of ['partially_filled', 'open'] as const) {
      for (const end of ['pending', 'submitted', 'cancelled', 'rejected', 'expired'] as const) {
        expect(mayMove(held, end)).toBe(false);
      }
    }
  });
});
