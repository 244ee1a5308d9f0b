import type { Documents } from './documents.js';

/** From machine time `wall` on, exchange time runs from `exchange` at `speed`; epoch milliseconds. */
interface ClockSetting {
  wall: number;
  exchange: number;
  speed: number;
}

const REAL_TIME: ClockSetting = { wall: 0, exchange: 0, speed: 1 };
const KEY = 'clock';

/** The exchange's own time: the machine's until it is set. It continues while the process is down. */
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

  /** Moves the time forward or changes its speed. @throws RangeError for an earlier time: matching cannot be undone. */
  set({ now, speed = this.speed() }: { now?: number | undefined; speed?: number | undefined }): void {
    const current = this.now();
    if (now !== undefined && now < current) {
      throw new RangeError(`The exchange's time is already ${new Date(current).toISOString()}`);
    }
    this.settings.set(KEY, { wall: this.wall(), exchange: now ?? current, speed });
  }

  private setting(): ClockSetting {
    return this.settings.get(KEY) ?? REAL_TIME;
  }
}
