/**
 * The calls that brokers allow: a token bucket per broker account, shared by all processes; in Redis where there is one, in
 * Postgres otherwise and whenever Redis does not answer.
 *
 * In any span of T seconds at most `capacity + perSecond × T` calls are let through, so both are chosen to stay within the
 * broker's limit. The last tokens of a bucket are kept: people's reads get what a nearly full one has to spare, polls may not
 * touch the lower half, entries a quarter, closes a tenth; stops may have all.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { PrismaClient } from '../../prisma/generated/client.js';
import {
  BudgetExhausted,
  type BudgetedCall,
  type CallPriority,
  type RequestBudget,
} from '../broker-port/request-budget.js';

interface Rate {
  capacity: number;
  perSecond: number;
}

/** Sources: the brokers' published limits. `all`: reads and writes count together there. */
const RATES: Readonly<Record<string, { all: Rate } | { write: Rate; read: Rate }>> = {
  // 120 order writes a minute; the same is said of market data.
  schwab: { write: { capacity: 30, perSecond: 1.5 }, read: { capacity: 30, perSecond: 1.5 } },
  // 30 a second, and 10,000 an hour.
  coinbase: { all: { capacity: 20, perSecond: 2.7 } },
  // 2 a second, for orders and for their lists.
  etrade: { all: { capacity: 1.5, perSecond: 1.4 } },
  // 200 a minute.
  alpaca: { all: { capacity: 50, perSecond: 2.5 } },
};

/** The part of the bucket, above the one token that a call takes, that must be left. */
const KEPT: Record<CallPriority, number> = { stop: 0, close: 0.1, entry: 0.25, poll: 0.5, person: 0.8 };
const ALLOWED_WHEN_SLOWED: readonly CallPriority[] = ['stop', 'close'];

/** One try to take a token. */
interface Draw {
  key: string;
  rate: Rate;
  /** so many tokens must be there */
  needed: number;
  obeysSlowDown: boolean;
}

interface Store {
  /** 0 when the token was taken, else milliseconds until it is worth another try */
  draw(draw: Draw): Promise<number>;
  slowDown(keys: readonly string[], forMs: number): Promise<void>;
}

export function createRequestBudget(prisma: PrismaClient, redis?: Redis): RequestBudget {
  const store = redis === undefined ? inPostgres(prisma) : fallingBack(inRedis(redis), inPostgres(prisma));
  return {
    take: async (call, withinMs) => {
      const draw = drawOf(call);
      if (draw === undefined) return;
      const deadline = Date.now() + withinMs;
      for (let waitMs = await store.draw(draw); waitMs > 0; waitMs = await store.draw(draw)) {
        if (Date.now() + waitMs > deadline) throw new BudgetExhausted(Math.ceil(waitMs));
        await pause(waitMs);
      }
    },
    slowDown: (broker, account, forMs) => store.slowDown(keysOf(broker, account), forMs),
  };
}

/** Undefined for a broker that has no limit. */
function drawOf({ broker, account, priority, kind }: BudgetedCall): Draw | undefined {
  const rates = RATES[broker];
  if (!rates) return undefined;
  const [bucket, rate] = 'all' in rates ? ['all', rates.all] : [kind, rates[kind]];
  return {
    key: keyOf(broker, account, bucket),
    rate,
    needed: 1 + KEPT[priority] * (rate.capacity - 1),
    obeysSlowDown: !ALLOWED_WHEN_SLOWED.includes(priority),
  };
}

function keysOf(broker: string, account: string): string[] {
  return Object.keys(RATES[broker] ?? {}).map((bucket) => keyOf(broker, account, bucket));
}

function keyOf(broker: string, account: string, bucket: string): string {
  return `${broker}:${account}:${bucket}`;
}

/** A budget that stops counting is none, so Postgres counts whenever Redis does not. */
function fallingBack(first: Store, second: Store): Store {
  return {
    draw: (draw) => first.draw(draw).catch(() => second.draw(draw)),
    slowDown: (keys, forMs) => first.slowDown(keys, forMs).catch(() => second.slowDown(keys, forMs)),
  };
}

function inPostgres(prisma: PrismaClient): Store {
  return {
    // `now()` is when the statement began, which may be before it got the row: `clock_timestamp()` is when it has it.
    draw: async ({ key, rate: { capacity, perSecond }, needed, obeysSlowDown }) => {
      const taken = await prisma.$executeRaw`
        INSERT INTO request_buckets AS b (key, tokens, filled_at)
        VALUES (${key}, ${capacity}::float8 - 1, clock_timestamp())
        ON CONFLICT (key) DO UPDATE SET
          tokens = least(${capacity}::float8, b.tokens
            + greatest(0, extract(epoch FROM clock_timestamp() - b.filled_at)) * ${perSecond}::float8) - 1,
          filled_at = clock_timestamp()
        WHERE least(${capacity}::float8, b.tokens
            + greatest(0, extract(epoch FROM clock_timestamp() - b.filled_at)) * ${perSecond}::float8) >= ${needed}::float8
          AND NOT (${obeysSlowDown} AND coalesce(b.slowed_until, '-infinity') > clock_timestamp())`;
      if (taken === 1) return 0;
      const [bucket] = await prisma.$queryRaw<{ wait: number }[]>`
        SELECT greatest(
          (${needed}::float8 - tokens) / ${perSecond}::float8 - extract(epoch FROM clock_timestamp() - filled_at),
          CASE WHEN ${obeysSlowDown} THEN extract(epoch FROM slowed_until - clock_timestamp()) END
        )::float8 * 1000 AS wait FROM request_buckets WHERE key = ${key}`;
      return atLeastOne(bucket?.wait ?? 0);
    },
    slowDown: async (keys, forMs) => {
      await prisma.$executeRaw`
        INSERT INTO request_buckets AS b (key, tokens, filled_at, slowed_until)
        SELECT key, 0, clock_timestamp(), clock_timestamp() + ${forMs}::float8 * interval '1 millisecond'
        FROM unnest(${[...keys]}::text[]) AS key
        ON CONFLICT (key) DO UPDATE SET slowed_until = greatest(b.slowed_until, EXCLUDED.slowed_until)`;
    },
  };
}

/** KEYS: the bucket. ARGV: capacity, tokens a second, tokens needed, whether a slow-down counts. */
const DRAW_SCRIPT = `
local capacity, rate, needed = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'filledAt', 'slowedUntil')
local tokens = math.min(capacity, (tonumber(bucket[1]) or capacity) + math.max(0, now - (tonumber(bucket[2]) or now)) / 1000 * rate)
local slowed = 0
if ARGV[4] == '1' then slowed = (tonumber(bucket[3]) or 0) - now end
if tokens < needed or slowed > 0 then
  return tostring(math.max((needed - tokens) / rate * 1000, slowed))
end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens - 1), 'filledAt', string.format('%.3f', now))
redis.call('PEXPIRE', KEYS[1], 3600000)
return '0'`;

/** KEYS: the buckets. ARGV: for how many milliseconds. */
const SLOW_DOWN_SCRIPT = `
local time = redis.call('TIME')
local till = time[1] * 1000 + time[2] / 1000 + ARGV[1]
for _, key in ipairs(KEYS) do
  local known = tonumber(redis.call('HGET', key, 'slowedUntil')) or 0
  redis.call('HSET', key, 'slowedUntil', string.format('%.3f', math.max(known, till)))
  redis.call('PEXPIRE', key, 3600000 + ARGV[1])
end
return 1`;

function inRedis(redis: Redis): Store {
  const named = (key: string) => `arbion:budget:${key}`;
  return {
    draw: async ({ key, rate: { capacity, perSecond }, needed, obeysSlowDown }) => {
      const settings = [capacity, perSecond, needed, obeysSlowDown ? '1' : '0'];
      const wait = Number(await redis.eval(DRAW_SCRIPT, 1, named(key), ...settings));
      return wait === 0 ? 0 : atLeastOne(wait);
    },
    slowDown: async (keys, forMs) => {
      await redis.eval(SLOW_DOWN_SCRIPT, keys.length, ...keys.map(named), forMs);
    },
  };
}

/** A token may have come in between: the next try shows. */
function atLeastOne(milliseconds: number): number {
  return Math.max(1, milliseconds);
}
