import { describe, it } from 'vitest';
import { liveThroughInterleavings } from './interleavings.js';

/** Other lives each time; a failing one is printed with its seed. */
const LIVES = Number(process.env.INTERLEAVINGS ?? 10_000);

describe('every interleaving of the market, people and faults, ten thousand times', () => {
  it('sells at most what was bought, keeps one order a leg, moves as the table says, and ends flat with nothing working', () => {
    liveThroughInterleavings(LIVES);
  }, 600_000);
});
