/** Entries that are committed after others that were written later, and clients of the stream that come and go meanwhile. */
import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { TradeId } from '../../src/domain/ids.js';
import { insertAcceptedTrade } from '../../src/storage/accepted-trades.js';
import { createDatabase, type Database } from '../../src/storage/database.js';
import { Dice } from '../chaos/dice.js';
import { tradeRequest } from '../support/trading.js';
import { openFollower, type Seen } from './follower.js';
import { openApi, type TestTrader } from './harness.js';

let api: Awaited<ReturnType<typeof openApi>>;
/** Of those who write: they keep their connections for long. */
let writing: Database;
beforeAll(async () => {
  api = await openApi();
  writing = createDatabase(api.database.url, { poolSize: 20 });
});
afterAll(async () => {
  await writing.close();
  await api.close();
});

async function addTrade(trader: TestTrader): Promise<string> {
  const trade = tradeRequest({ account: `paper-${trader.userId}` });
  const tradeId = randomUUID() as TradeId;
  const ticket = api.dependencies.tickets.sign({ tradeId, userId: trader.userId, trade, now: Date.now() });
  await insertAcceptedTrade(writing.prisma, { trade, ticket });
  return tradeId;
}

/** Writes an entry, and keeps its transaction open over `meanwhile`; what that throws rolls it back. */
function write(tradeId: string, meanwhile: () => Promise<unknown> = async () => {}): Promise<bigint> {
  return writing.prisma.$transaction(
    async (database) => {
      const entry = { tradeId, key: randomUUID(), at: new Date(), kind: 'note', data: {} };
      const { id } = await database.tradeEvent.create({ data: entry });
      await meanwhile();
      return id;
    },
    { timeout: 60_000, maxWait: 60_000 },
  );
}

function door(): { opened: Promise<void>; open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

test('an entry that is committed while the client is away is sent when it comes back', async () => {
  const trader = await api.addTrader();
  const tradeId = await addTrade(trader);
  const [known] = await (await openFollower(api, trader, '0')).read(1);
  const [isWritten, commit] = [door(), door()];
  const late = write(tradeId, () => {
    isWritten.open();
    return commit.opened;
  });
  await isWritten.opened;
  const follower = await openFollower(api, trader, known?.id);
  const early = await write(tradeId);
  // Whether it is sent before the other is committed is the server's affair.
  await pause(2_000);
  await follower.leave();
  const before = follower.seen().map(({ id }) => id);
  commit.open();
  const expected = [String(await late), String(early)];
  const back = await openFollower(api, trader, before.at(-1) ?? known?.id);
  const after = (await back.read(2 - before.length)).map(({ id }) => id);
  expect([...before, ...after].sort()).toEqual(expected.sort());
});

const WRITERS_OF_EACH = 4;
const ENTRIES_OF_EACH = 25;
const CLIENTS_OF_EACH = 3;

/** Writes entries, each for as long as it likes, and rolls one in ten back. Returns the ids of the others. */
async function writeAtRandom(tradeId: string, dice: Dice): Promise<string[]> {
  const ids: string[] = [];
  for (let count = 0; count < ENTRIES_OF_EACH; count += 1) {
    const [isKept, heldMs] = [dice.happens(0.9), dice.next() ** 3 * 400];
    const written = write(tradeId, async () => {
      await pause(heldMs);
      if (!isKept) throw new Error('rolled back');
    });
    if (isKept) ids.push(String(await written));
    else await expect(written).rejects.toThrow('rolled back');
  }
  return ids;
}

/** Comes and goes, each time with the id of the last event that it has, and once more when `all` is over. */
async function followAtRandom(trader: TestTrader, all: Promise<unknown>, dice: Dice): Promise<Seen[]> {
  let isOver = false;
  void all.finally(() => {
    isOver = true;
  });
  const chain: Seen[] = [];
  for (let isLast = false; !isLast; ) {
    isLast = isOver;
    const follower = await openFollower(api, trader, chain.at(-1)?.id ?? '0');
    await pause(isLast ? 3_000 : dice.between(0, 700));
    await follower.leave();
    chain.push(...follower.seen());
    await pause(dice.between(0, 200));
  }
  return chain;
}

async function runOf(name: string, dice: Dice) {
  const trader = await api.addTrader();
  const tradeIds = await Promise.all(Array.from({ length: WRITERS_OF_EACH }, () => addTrade(trader)));
  const first = (await (await openFollower(api, trader, '0')).read(tradeIds.length)).map(({ id }) => id);
  const all = Promise.all(tradeIds.map((tradeId, each) => writeAtRandom(tradeId, dice.of(`${name} writer ${each}`))));
  const clients = Array.from({ length: CLIENTS_OF_EACH }, (_, each) =>
    followAtRandom(trader, all, dice.of(`${name} client ${each}`)),
  );
  return { tradeIds, written: [...first, ...(await all).flat()], chains: await Promise.all(clients) };
}

const seed = Number(process.env.SEED ?? randomInt(1e9));

test(`clients that come and go get every entry of their user once, all in one order (SEED=${seed})`, async () => {
  const dice = new Dice(seed);
  const runs = await Promise.all(['a', 'b', 'c'].map((name) => runOf(name, dice)));
  for (const { tradeIds, written, chains } of runs) {
    const expected = written.sort((one, other) => Number(one) - Number(other));
    for (const chain of chains) {
      expect(chain.map(({ id }) => id)).toEqual(expected);
      expect(new Set(chain.map(({ tradeId }) => tradeId))).toEqual(new Set(tradeIds));
    }
  }
});

test('nothing is read while no stream is open', async () => {
  const follower = await openFollower(api, await api.addTrader());
  let taken = 0;
  api.database.pool.on('acquire', () => {
    taken += 1;
  });
  await vi.waitUntil(() => taken > 2);
  await follower.leave();
  await pause(1_000);
  taken = 0;
  await pause(1_000);
  expect(taken).toBe(0);
});
