/** Reads the new entries of all journals once for all open streams of a process, and nothing while none is open. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PrismaClient } from '../../../prisma/generated/client.js';
import type { UserId } from '../../domain/ids.js';
import type { Logger } from '../../platform/logger.js';
import { allEntries, journalsCompleteTo, type StoredEvent } from '../../storage/journals.js';
import { Feed } from './feed.js';

/** A change is to be seen within 250 ms. */
const READ_EVERY_MS = 100;
const ENTRIES_AT_ONCE = 500;

/** A feed, and the id of the last entry that is not in it. */
export interface Joined {
  feed: Feed;
  startsAfter: bigint;
}

export class JournalHub {
  private readonly feeds = new Map<UserId, Set<Feed>>();
  /** where the reader began; absent while nobody reads */
  private started: Promise<bigint> | undefined;
  /** the id up to which everything was handed out; absent while nobody reads */
  private readTo: bigint | undefined;

  constructor(
    private readonly prisma: PrismaClient,
    private readonly logger: Logger,
  ) {}

  /** A feed of all entries of the user from now on; whoever joins must leave. Throws when the journals cannot be read. */
  async join(userId: UserId): Promise<Joined> {
    const feed = new Feed();
    this.feeds.set(userId, (this.feeds.get(userId) ?? new Set()).add(feed));
    try {
      this.started ??= this.start();
      // Without a pause since the feed is there: what is read next is behind this and goes into it.
      return { feed, startsAfter: this.readTo ?? (await this.started) };
    } catch (error) {
      this.leave(userId, feed);
      throw error;
    }
  }

  leave(userId: UserId, feed: Feed): void {
    const ofUser = this.feeds.get(userId);
    ofUser?.delete(feed);
    if (ofUser?.size === 0) this.feeds.delete(userId);
  }

  private async start(): Promise<bigint> {
    try {
      const start = await journalsCompleteTo(this.prisma);
      this.readTo = start;
      void this.run(start);
      return start;
    } catch (error) {
      this.started = undefined;
      throw error;
    }
  }

  private async run(start: bigint): Promise<void> {
    let isFailing = false;
    while (this.feeds.size > 0) {
      await sleep(READ_EVERY_MS);
      try {
        await this.read(this.readTo ?? start);
        isFailing = false;
      } catch (error) {
        if (!isFailing) this.logger.error({ err: error }, 'the journals cannot be read: open streams wait');
        isFailing = true;
      }
    }
    [this.started, this.readTo] = [undefined, undefined];
  }

  /** Hands out what has come behind `after`. */
  private async read(after: bigint): Promise<void> {
    const upTo = await journalsCompleteTo(this.prisma);
    for (let readTo = after; readTo < upTo; this.readTo = readTo) {
      const found = await allEntries(this.prisma, { after: readTo, upTo }, ENTRIES_AT_ONCE);
      for (const { userId, entry } of found) this.handOut(userId, entry);
      const last = found.length < ENTRIES_AT_ONCE ? undefined : found.at(-1);
      readTo = last?.entry.id ?? upTo;
    }
  }

  private handOut(userId: UserId, entry: StoredEvent): void {
    for (const feed of this.feeds.get(userId) ?? []) feed.add(entry);
  }
}
