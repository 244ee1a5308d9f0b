import { describe, it } from 'vitest';
import { liveThroughInterleavings } from './interleavings.js';

/** The same lives each time, so that a failure is of the change at hand. `INTERLEAVINGS=50000` plays more of them. */
const LIVES = Number(process.env.INTERLEAVINGS ?? 2_000);
const SEED = 12;

describe('every interleaving of the market, people and faults', () => {
  it('sells at most what was bought, keeps one order a leg, moves as the table says, and ends flat with nothing working', () => {
    liveThroughInterleavings(LIVES, SEED);
  }, 600_000);
});
