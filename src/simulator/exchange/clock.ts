import type { Documents } from './documents.js';

/** From `wall` on, exchange time runs from `exchange` at `speed`; epoch milliseconds. */
interface ClockSetting {
  wall: number;
  exchange: number;
  speed: number;
}

const REAL_TIME: ClockSetting = { wall: 0, exchange: 0, speed: 1 };
const KEY = 'clock';

/** The exchange's own time: the wall's until it is told otherwise. It goes on while the process is down. */
export class ExchangeClock {
  constructor(
    private readonly settings: Documents<ClockSetting>,
    private readonly wall: () => number,
  ) {}

  now(): number {
    const { wall, exchange, speed } = this.setting();
    return Math.floor(exchange + (this.wall() - wall) * speed);
  }

  speed(): number {
    return this.setting().speed;
  }

  /** Jumps or changes its pace. @throws RangeError backwards: what has been matched cannot be taken back. */
  set({ now, speed = this.speed() }: { now?: number | undefined; speed?: number | undefined }): void {
    const current = this.now();
    if (now !== undefined && now < current) {
      throw new RangeError(`the exchange's time is already ${new Date(current).toISOString()}`);
    }
    this.settings.set(KEY, { wall: this.wall(), exchange: now ?? current, speed });
  }

  private setting(): ClockSetting {
    return this.settings.get(KEY) ?? REAL_TIME;
  }
}
