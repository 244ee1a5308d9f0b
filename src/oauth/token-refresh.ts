/**
 * The only place where a credential is replaced by a newer one, whoever finds that it is time: the broker login's workflow
 * ahead of the end, or a call that the broker turned away.
 *
 * 1. One at a time across all processes: a Postgres session lock, which ends with its process and not with a clock.
 * 2. That it is sent is written before it is sent; what comes back is written before it is used. A write names the
 *    generation that it takes the place of, so a login in between wins.
 * 3. A lost answer, and a process that died in between, look the same afterwards: a send whose outcome is not known. After
 *    a pause it is repeated. Where refresh tokens work once (Coinbase) that is done once: then a person must log in.
 * 4. The provider's final no ends it: the user must log in and gets one alert; nothing more is sent.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { PrismaClient } from '../../prisma/generated/client.js';
import { NotConnected } from '../broker-port/access.js';
import { endsEveryNight, loginDueAfter, mayBeUsed } from '../domain/broker-login.js';
import { KeyMissing, SealBroken } from '../domain/errors.js';
import { recordAudit } from '../storage/audit.js';
import { raiseLoginRequired } from '../storage/broker-login-alerts.js';
import {
  type BrokerLogin,
  findBrokerLogin,
  markRefreshFailed,
  markRefreshSent,
  requireLogin,
  storeRefreshed,
} from '../storage/broker-logins.js';
import { SendLockBusy, withSendLock } from '../storage/send-lock.js';
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
  brokerLogin: BrokerLogin;
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
  /** of this process, by broker login: many callers are one */
  private readonly underWay = new Map<string, Promise<HeldGrant>>();

  constructor(private readonly dependencies: RefreshDependencies) {}

  /**
   * A credential newer than generation `refused`: the stored one if somebody was faster, else a refreshed one.
   * @throws NotConnected when there is none now; its message says whether a person must log in.
   */
  async newerThan(loginId: string, refused: number): Promise<HeldGrant> {
    const shared = this.underWay.get(loginId);
    if (shared !== undefined) {
      const held = await shared;
      if (held.brokerLogin.generation > refused) return held;
    }
    const refreshing = this.alone(loginId, refused);
    this.underWay.set(loginId, refreshing);
    return refreshing.finally(() => {
      if (this.underWay.get(loginId) === refreshing) this.underWay.delete(loginId);
    });
  }

  /** The credential as it is stored. @throws NotConnected when it may not be used, or does not open. */
  async current(brokerLogin: BrokerLogin | undefined): Promise<HeldGrant> {
    if (!brokerLogin || !mayBeUsed(brokerLogin.state) || brokerLogin.sealed === null) {
      throw new NotConnected(`a login is needed at ${brokerLogin?.broker ?? 'the broker'}`);
    }
    try {
      return { brokerLogin, grant: openGrant(this.dependencies.vault, brokerLogin, brokerLogin.sealed) };
    } catch (error) {
      // Another process has the key, or soon this one: nothing is wrong with the credential.
      if (error instanceof KeyMissing) throw new NotConnected(error.message, { cause: error });
      if (error instanceof SealBroken) return this.distrust(brokerLogin);
      throw error;
    }
  }

  /** Whoever does not get the lock watches for what its holder brings: only a refresh needs it. */
  private async alone(loginId: string, refused: number): Promise<HeldGrant> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const held = await this.stored(loginId);
      if (held.brokerLogin.generation > refused) return held;
      try {
        return await this.locked(loginId, refused);
      } catch (error) {
        if (!(error instanceof SendLockBusy)) throw error;
        if (Date.now() >= deadline) throw new NotConnected('the credential is being refreshed', { cause: error });
        await pause(LOOK_AGAIN_MS);
      }
    }
  }

  /** @throws SendLockBusy at once when somebody else is at it */
  private locked(loginId: string, refused: number): Promise<HeldGrant> {
    const work = async () => {
      const held = await this.stored(loginId);
      return held.brokerLogin.generation > refused ? held : this.send(held);
    };
    return withSendLock(this.dependencies.locks, [`refresh ${loginId}`], work, 0);
  }

  private async send({ brokerLogin, grant }: HeldGrant): Promise<HeldGrant> {
    const { prisma } = this.dependencies;
    const provider = this.providerOf(brokerLogin);
    const sentMsAgo = Date.now() - (brokerLogin.refreshSentAt?.getTime() ?? 0);
    if (sentMsAgo < REPEAT_AFTER_MS) throw new NotConnected('the credential was being refreshed a moment ago');
    if (provider.spendsRefreshTokens && brokerLogin.refreshSends >= MOST_SENDS) {
      return this.giveUp(brokerLogin, 'refresh_answer_lost');
    }
    const sentAt = new Date();
    if (!(await markRefreshSent(prisma, brokerLogin, sentAt))) return this.stored(brokerLogin.id);
    try {
      return await this.keep(brokerLogin, await provider.refresh(grant), sentAt.getTime() + WRITE_WITHIN_MS);
    } catch (error) {
      return this.failed(brokerLogin, error);
    }
  }

  /** What was given may exist nowhere else: a database that is away for a moment is waited for. */
  private async keep(brokerLogin: BrokerLogin, granted: Granted, deadline: number): Promise<HeldGrant> {
    for (;;) {
      try {
        await this.write(brokerLogin, granted);
        return await this.stored(brokerLogin.id);
      } catch (error) {
        if (error instanceof NotConnected || Date.now() >= deadline) throw error;
        await pause(WRITE_AGAIN_MS);
      }
    }
  }

  private async write(brokerLogin: BrokerLogin, { grant, livesMs }: Granted): Promise<void> {
    const { prisma, vault } = this.dependencies;
    const now = Date.now();
    const dueAt = dueAfterRefresh(brokerLogin, now);
    await storeRefreshed(prisma, brokerLogin, {
      sealed: sealGrant(vault, brokerLogin, grant),
      expiresAt: livesMs === undefined ? null : new Date(now + livesMs),
      loginDueAt: dueAt,
    });
  }

  /** What a failed refresh says of the credential. */
  private async failed(brokerLogin: BrokerLogin, error: unknown): Promise<HeldGrant> {
    if (error instanceof ProviderRefused && error.isFinal) return this.giveUp(brokerLogin, error.code);
    if (error instanceof ProviderRefused || error instanceof NotSent) {
      const code = error instanceof ProviderRefused ? error.code : 'unreachable';
      await markRefreshFailed(this.dependencies.prisma, brokerLogin, code);
      throw new NotConnected(`the credential could not be refreshed: ${code}`, { cause: error });
    }
    if (error instanceof AnswerLost) {
      throw new NotConnected('the answer to a refresh was lost', { cause: error });
    }
    throw error;
  }

  private async giveUp(brokerLogin: BrokerLogin, code: string): Promise<HeldGrant> {
    await this.dependencies.prisma.$transaction(async (database) => {
      if (await requireLogin(database, brokerLogin, code)) await raiseLoginRequired(database, brokerLogin, code);
    });
    return this.stored(brokerLogin.id);
  }

  /** Somebody changed the row, or moved it from another user's: its owner must log in anew, and it stands recorded. */
  private async distrust(brokerLogin: BrokerLogin): Promise<HeldGrant> {
    const code = 'unreadable';
    await this.dependencies.prisma.$transaction(async (database) => {
      if (!(await requireLogin(database, brokerLogin, code))) return;
      await raiseLoginRequired(database, brokerLogin, code);
      const { id: subject, userId, broker } = brokerLogin;
      await recordAudit(database, {
        actor: 'system',
        action: 'crypt_decrypt_fail',
        subject,
        detail: { userId, broker },
      });
    });
    return this.stored(brokerLogin.id);
  }

  /** Whatever the row says now: ours, or what a login brought in between. */
  private async stored(id: string): Promise<HeldGrant> {
    return this.current(await findBrokerLogin(this.dependencies.prisma, id));
  }

  private providerOf({ broker }: BrokerLogin): LoginProvider {
    const provider = this.dependencies.providers.get(broker);
    if (!provider) throw new NotConnected(`${broker} is not configured`);
    return provider;
  }
}

/** A refresh does not put a login off; one that works after the date shows that we had it wrong. */
function dueAfterRefresh({ broker, loginDueAt }: BrokerLogin, now: number): Date | null {
  if (loginDueAt === null || loginDueAt.getTime() > now) return loginDueAt;
  const next = endsEveryNight(broker) ? loginDueAfter(broker, now) : undefined;
  return next === undefined ? null : new Date(next);
}
