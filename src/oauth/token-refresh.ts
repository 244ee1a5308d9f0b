/**
 * The only place where a credential is exchanged for a newer one, whoever finds that it is time: the connection's workflow
 * ahead of the end, or a call that the broker turned away.
 *
 * 1. One at a time across all processes: a Postgres session lock, which ends with its process and not with a clock.
 * 2. That it is sent is written before it is sent; what comes back is written before it is used. A write names the
 *    generation that it takes the place of, so a login in between wins.
 * 3. A lost answer, and a process that died in between, look the same afterwards: a send whose outcome is not known. After
 *    a pause it is repeated. Where refresh tokens work once (Coinbase) that is done once: then a person must log in.
 * 4. The provider's final no ends it: a person must log in, is told once, and nothing more is sent.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { PrismaClient } from '../../prisma/generated/client.js';
import { NotConnected } from '../broker-port/access.js';
import { endsEveryNight, loginDueAfter, mayBeUsed } from '../domain/connection.js';
import { recordAudit } from '../storage/audit.js';
import { raiseLoginRequired } from '../storage/connection-alerts.js';
import {
  type Connection,
  findConnection,
  markRefreshFailed,
  markRefreshSent,
  requireLogin,
  storeRefreshed,
} from '../storage/connections.js';
import { SendLockBusy, withSendLock } from '../storage/send-lock.js';
import { KeyMissing, SealBroken } from '../vault/envelope.js';
import type { Vault } from '../vault/vault.js';
import { AnswerLost, NotSent } from '../wire/http.js';
import { type Grant, openGrant, sealGrant } from './grant.js';
import { type Granted, type LoginProvider, ProviderRefused } from './login-provider.js';

export interface RefreshDependencies {
  prisma: PrismaClient;
  /** connections for locks alone */
  locks: pg.Pool;
  vault: Vault;
  providers: ReadonlyMap<string, LoginProvider>;
}

/** A credential as it is stored now. */
export interface HeldGrant {
  connection: Connection;
  grant: Grant;
}

/** The sends of a refresh token that works once: the first, and its one repeat. */
const MOST_SENDS = 2;
/** So long a send may still be on its way, or its provider away: nobody sends again before. */
const REPEAT_AFTER_MS = 15_000;
/** An answer is written so long after it was asked for, while nobody else can have asked again. */
const WRITE_WITHIN_MS = REPEAT_AFTER_MS - 1_000;
const WRITE_AGAIN_MS = 250;
/** A caller waits so long for a refresh of another process, and looks so often. */
const PATIENCE_MS = 3_000;
const LOOK_AGAIN_MS = 50;

export class TokenRefresh {
  /** of this process, by connection: many callers are one */
  private readonly underWay = new Map<string, Promise<HeldGrant>>();

  constructor(private readonly dependencies: RefreshDependencies) {}

  /**
   * A credential newer than generation `refused`: the stored one if somebody was faster, else a refreshed one.
   * @throws NotConnected when there is none now; its message says whether a person must log in.
   */
  async newerThan(connectionId: string, refused: number): Promise<HeldGrant> {
    const shared = this.underWay.get(connectionId);
    if (shared) {
      const held = await shared;
      if (held.connection.generation > refused) return held;
    }
    const refreshing = this.alone(connectionId, refused);
    this.underWay.set(connectionId, refreshing);
    return refreshing.finally(() => {
      if (this.underWay.get(connectionId) === refreshing) this.underWay.delete(connectionId);
    });
  }

  /** The credential as it is stored. @throws NotConnected when it may not be used, or does not open. */
  async current(connection: Connection | undefined): Promise<HeldGrant> {
    if (!connection || !mayBeUsed(connection.state) || connection.sealed === null) {
      throw new NotConnected(`a login is needed at ${connection?.broker ?? 'the broker'}`);
    }
    try {
      return { connection, grant: openGrant(this.dependencies.vault, connection, connection.sealed) };
    } catch (error) {
      // Another process has the key, or soon this one: nothing is wrong with the credential.
      if (error instanceof KeyMissing) throw new NotConnected(error.message, { cause: error });
      if (error instanceof SealBroken) return this.distrust(connection);
      throw error;
    }
  }

  /** Whoever does not get the lock watches for what its holder brings: only a refresh needs it. */
  private async alone(connectionId: string, refused: number): Promise<HeldGrant> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const held = await this.stored(connectionId);
      if (held.connection.generation > refused) return held;
      try {
        return await this.locked(connectionId, refused);
      } catch (error) {
        if (!(error instanceof SendLockBusy)) throw error;
        if (Date.now() >= deadline) throw new NotConnected('the credential is being refreshed', { cause: error });
        await pause(LOOK_AGAIN_MS);
      }
    }
  }

  /** @throws SendLockBusy at once when somebody else is at it */
  private locked(connectionId: string, refused: number): Promise<HeldGrant> {
    const work = async () => {
      const held = await this.stored(connectionId);
      return held.connection.generation > refused ? held : this.send(held);
    };
    return withSendLock(this.dependencies.locks, [`refresh ${connectionId}`], work, 0);
  }

  private async send({ connection, grant }: HeldGrant): Promise<HeldGrant> {
    const { prisma } = this.dependencies;
    const provider = this.providerOf(connection);
    const sentMsAgo = Date.now() - (connection.refreshSentAt?.getTime() ?? 0);
    if (sentMsAgo < REPEAT_AFTER_MS) throw new NotConnected('the credential was being refreshed a moment ago');
    if (provider.spendsRefreshTokens && connection.refreshSends >= MOST_SENDS) {
      return this.giveUp(connection, 'refresh_answer_lost');
    }
    const sentAt = new Date();
    if (!(await markRefreshSent(prisma, connection, sentAt))) return this.stored(connection.id);
    try {
      return await this.keep(connection, await provider.refresh(grant), sentAt.getTime() + WRITE_WITHIN_MS);
    } catch (error) {
      return this.failed(connection, error);
    }
  }

  /** What was given may exist nowhere else: a database that is away for a moment is waited for. */
  private async keep(connection: Connection, granted: Granted, deadline: number): Promise<HeldGrant> {
    for (;;) {
      try {
        await this.write(connection, granted);
        return await this.stored(connection.id);
      } catch (error) {
        if (error instanceof NotConnected || Date.now() >= deadline) throw error;
        await pause(WRITE_AGAIN_MS);
      }
    }
  }

  private async write(connection: Connection, { grant, livesMs }: Granted): Promise<void> {
    const { prisma, vault } = this.dependencies;
    const now = Date.now();
    const dueAt = dueAfterRefresh(connection, now);
    await storeRefreshed(prisma, connection, {
      sealed: sealGrant(vault, connection, grant),
      expiresAt: livesMs === undefined ? null : new Date(now + livesMs),
      loginDueAt: dueAt,
    });
  }

  /** What a failed refresh says of the credential. */
  private async failed(connection: Connection, error: unknown): Promise<HeldGrant> {
    if (error instanceof ProviderRefused && error.isFinal) return this.giveUp(connection, error.code);
    if (error instanceof ProviderRefused || error instanceof NotSent) {
      const code = error instanceof ProviderRefused ? error.code : 'unreachable';
      await markRefreshFailed(this.dependencies.prisma, connection, code);
      throw new NotConnected(`the credential could not be refreshed: ${code}`, { cause: error });
    }
    if (error instanceof AnswerLost) {
      throw new NotConnected('the answer to a refresh was lost', { cause: error });
    }
    throw error;
  }

  private async giveUp(connection: Connection, code: string): Promise<HeldGrant> {
    await this.dependencies.prisma.$transaction(async (database) => {
      if (await requireLogin(database, connection, code)) await raiseLoginRequired(database, connection, code);
    });
    return this.stored(connection.id);
  }

  /** Somebody changed the row, or moved it from another user's: its owner must log in anew, and it stands recorded. */
  private async distrust(connection: Connection): Promise<HeldGrant> {
    const code = 'unreadable';
    await this.dependencies.prisma.$transaction(async (database) => {
      if (!(await requireLogin(database, connection, code))) return;
      await raiseLoginRequired(database, connection, code);
      const { id: subject, userId, broker } = connection;
      await recordAudit(database, {
        actor: 'system',
        action: 'crypt_decrypt_fail',
        subject,
        detail: { userId, broker },
      });
    });
    return this.stored(connection.id);
  }

  /** Whatever the row says now: ours, or what a login brought in between. */
  private async stored(id: string): Promise<HeldGrant> {
    return this.current(await findConnection(this.dependencies.prisma, id));
  }

  private providerOf({ broker }: Connection): LoginProvider {
    const provider = this.dependencies.providers.get(broker);
    if (!provider) throw new NotConnected(`${broker} is not configured`);
    return provider;
  }
}

/** A refresh does not put a login off; one that works after the date shows that we had it wrong. */
function dueAfterRefresh({ broker, loginDueAt }: Connection, now: number): Date | null {
  if (loginDueAt === null || loginDueAt.getTime() > now) return loginDueAt;
  const next = endsEveryNight(broker) ? loginDueAfter(broker, now) : undefined;
  return next === undefined ? null : new Date(next);
}
