import type { Pool } from 'pg';

/** The market's time in epoch milliseconds, which every process uses as the present when it reads the market. */
export interface MarketClock {
  now(): Promise<number>;
}

/** For markets in real time. */
export const wallClock: MarketClock = { now: () => Promise.resolve(Date.now()) };

/**
 * Market time of a replay, kept in Postgres and shared by all processes:
 * market = origin_market + (wall - origin_wall) × speed, by the clock of the database, so that machines agree.
 */
export class StoredClock implements MarketClock {
  private constructor(
    private readonly pool: Pool,
    private readonly id: string,
  ) {}

  /** Continues the clock `id`, or starts it at `startsAt`. A new speed holds from now on. */
  static async open(pool: Pool, options: { id: string; startsAt: number; speed: number }): Promise<StoredClock> {
    const { id, startsAt, speed } = options;
    await pool.query(
      `INSERT INTO market_clocks AS clock (id, origin_market, origin_wall, speed)
       VALUES ($1, to_timestamp($2::double precision / 1000), clock_timestamp(), $3)
       ON CONFLICT (id) DO UPDATE SET origin_market = ${MARKET_TIME}, origin_wall = clock_timestamp(), speed = $3
       WHERE clock.speed <> $3`,
      [id, startsAt, speed],
    );
    return new StoredClock(pool, id);
  }

  async now(): Promise<number> {
    const { rows } = await this.pool.query<{ now: string }>(
      `SELECT round(extract(epoch FROM ${MARKET_TIME}) * 1000) AS now FROM market_clocks AS clock WHERE id = $1`,
      [this.id],
    );
    if (!rows[0]) throw new Error(`the market clock ${this.id} is gone`);
    return Number(rows[0].now);
  }

  /**
   * Moves market time forward to `at`; it goes on from there at its speed.
   * @throws RangeError when market time is already later: what has been matched cannot be taken back.
   */
  async setMarketTime(at: number): Promise<void> {
    const { rowCount } = await this.pool.query(
      `UPDATE market_clocks AS clock SET origin_market = moved.at, origin_wall = clock_timestamp()
       FROM (SELECT to_timestamp($2::double precision / 1000) AS at) AS moved
       WHERE id = $1 AND moved.at >= date_trunc('milliseconds', ${MARKET_TIME})`,
      [this.id, at],
    );
    if (rowCount === 0) throw new RangeError(`market time is already later than ${new Date(at).toISOString()}`);
  }
}

const MARKET_TIME = 'clock.origin_market + (clock_timestamp() - clock.origin_wall) * clock.speed::double precision';
