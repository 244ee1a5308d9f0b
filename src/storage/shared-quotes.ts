/** The quotes that all processes share, in Redis. Ages are counted by its clock, so that those of the machines may differ. */
import type { Redis } from 'ioredis';
import type { SharedQuote, SharedQuotes } from '../broker-port/shared-quotes.js';

/** KEYS: the symbols. Answers JSON and age of each; the age of one that is not known is empty. */
const READ_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local found = {}
for _, key in ipairs(KEYS) do
  local known = redis.call('HMGET', key, 'quote', 'at', 'heardAt')
  local heardAt = tonumber(known[3])
  table.insert(found, known[1] or '')
  table.insert(found, known[2] or '')
  table.insert(found, heardAt and string.format('%.0f', math.max(0, now - heardAt)) or '')
end
return found`;

/**
 * KEYS: the symbols. ARGV: of each its JSON, time and age. A newer quote is not replaced by an older one that was longer on
 * its way; but not even a wrong time keeps one for more than 15 s.
 */
const WRITE_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i, key in ipairs(KEYS) do
  local quote, at, heardAt = ARGV[i * 3 - 2], ARGV[i * 3 - 1], now - tonumber(ARGV[i * 3])
  local known = redis.call('HMGET', key, 'at', 'heardAt')
  local knownAt, knownHeardAt = tonumber(known[1]), tonumber(known[2])
  local newer = not knownHeardAt or heardAt - knownHeardAt > 15000
  if not newer then
    local sameTime = not tonumber(at) or not knownAt or tonumber(at) == knownAt
    if sameTime then newer = heardAt >= knownHeardAt else newer = tonumber(at) > knownAt end
  end
  if newer then
    redis.call('HSET', key, 'quote', quote, 'at', at, 'heardAt', string.format('%.0f', heardAt))
    redis.call('PEXPIRE', key, 60000)
  end
end
return 1`;

export function createSharedQuotes(redis: Redis): SharedQuotes {
  const keysOf = (market: string, symbols: readonly string[]) =>
    symbols.map((symbol) => `arbion:quote:${market}:${symbol}`);
  return {
    read: async (market, symbols) => {
      const found = await redis.eval(READ_SCRIPT, symbols.length, ...keysOf(market, symbols));
      if (!Array.isArray(found)) return [];
      return symbols.flatMap((symbol, index) => known(symbol, found.slice(index * 3, index * 3 + 3).map(String)) ?? []);
    },
    write: async (market, heard) => {
      const keys = keysOf(
        market,
        heard.map(({ symbol }) => symbol),
      );
      const values = heard.flatMap(({ quote, ageMs }) => [quote?.json ?? '', quote?.at ?? '', Math.round(ageMs)]);
      await redis.eval(WRITE_SCRIPT, keys.length, ...keys, ...values);
    },
    mayAsk: async (right, forMs) => (await redis.set(`arbion:asks:${right}`, '1', 'PX', forMs, 'NX')) === 'OK',
  };
}

function known(symbol: string, [json = '', at = '', age = '']: readonly string[]): SharedQuote | undefined {
  if (age === '') return undefined;
  return { symbol, ageMs: Number(age), ...(json !== '' && { quote: { json, at: Number(at) } }) };
}
