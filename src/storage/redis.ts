import { Redis } from 'ioredis';

/**
 * A connection for what can be done without: a command fails at once when Redis is away instead of waiting for it, and
 * the library reconnects by itself. With its defaults a single command would wait for more than a minute.
 */
export function createRedis(url: string): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 500,
    connectTimeout: 2_000,
    autoResendUnfulfilledCommands: false,
    retryStrategy: (attempt) => Math.min(attempt * 200, 2_000),
  });
  // Each command reports to its caller; unheard, the event would end the process.
  redis.on('error', () => {});
  return redis;
}
