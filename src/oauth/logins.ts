/**
 * How a user's permission at a broker is got and given up (RFC 9700; ASVS 10.1.2, 10.2.1).
 *
 * 1. An attempt belongs to one user, one session and one broker, is found by a hash of its state, lasts ten minutes, and is
 *    taken out before it is used: whatever comes of it, it works once.
 * 2. The redirect address is one per broker, so that an answer of one broker cannot be brought to another.
 * 3. Nothing is stored before the broker has shown the accounts that the new credential opens.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { PrismaClient } from '../../prisma/generated/client.js';
import { BrokerUnavailable } from '../broker-port/broker.js';
import { type LiveBroker, loginDueAfter } from '../domain/broker-login.js';
import { ArbionError, DependencyUnavailable, Refused } from '../domain/errors.js';
import type { UserId } from '../domain/ids.js';
import { openTradesAt, raiseNotRevoked } from '../storage/broker-login-alerts.js';
import {
  type BrokerLogin,
  ensureBrokerLogin,
  findBrokerLoginAt,
  markDisconnected,
  storeLogin,
} from '../storage/broker-logins.js';
import { type AttemptOwner, lastAttempt, storeAttempt, takeAttempt } from '../storage/oauth-attempts.js';
import { ofAttempt } from '../vault/bindings.js';
import type { Vault } from '../vault/vault.js';
import { AnswerLost, NotSent } from '../wire/http.js';
import { openGrant, sealGrant } from './grant.js';
import { type BegunLogin, type Granted, type LoginProvider, ProviderRefused } from './login-provider.js';

export interface LoginDependencies {
  prisma: PrismaClient;
  vault: Vault;
  providers: ReadonlyMap<string, LoginProvider>;
  /** the origin that the redirect addresses are under */
  publicUrl: string;
}

const ATTEMPT_MS = 10 * 60_000;

/** What is sealed of an attempt. */
const begunShape = z.object({ handle: z.string(), secret: z.string() });

export class Logins {
  constructor(private readonly dependencies: LoginDependencies) {}

  /** Where the user's browser must go. @throws ArbionError */
  async begin(owner: AttemptOwner): Promise<string> {
    const { prisma, vault } = this.dependencies;
    const login = this.loginAt(owner.broker);
    const begun = await answered(() => login.begin(this.redirectUri(owner.broker)));
    const { authorizationUrl, ...secrets } = begun;
    const stateHash = hashOf(begun.handle);
    const now = Date.now();
    const sealed = Buffer.from(vault.seal(JSON.stringify(secrets), ofAttempt(owner, stateHash)));
    await storeAttempt(prisma, { ...owner, stateHash, sealed, expiresAt: new Date(now + ATTEMPT_MS) }, new Date(now));
    return authorizationUrl;
  }

  /** `answer` is the query with which the browser came back. @throws ArbionError, having stored nothing */
  async finish(owner: AttemptOwner, answer: URLSearchParams): Promise<BrokerLogin> {
    this.loginAt(owner.broker);
    const handle = answer.get(owner.broker === 'etrade' ? 'oauth_token' : 'state');
    if (handle === null) throw foreignAnswer();
    return this.finishAttempt(owner, hashOf(handle), answer);
  }

  /** Where the broker shows the verifier to the user instead of sending the browser back. @throws ArbionError */
  async finishWithVerifier(owner: AttemptOwner, verifier: string): Promise<BrokerLogin> {
    const stateHash = await lastAttempt(this.dependencies.prisma, owner);
    if (stateHash === undefined) throw foreignAnswer();
    return this.finishAttempt(owner, stateHash, new URLSearchParams({ oauth_verifier: verifier }));
  }

  /** A user's own keys instead of a login. @throws ArbionError, having stored nothing */
  async useKeys(userId: UserId, broker: LiveBroker, keys: { keyId: string; secret: string }): Promise<BrokerLogin> {
    if (!this.providerOf(broker).takesKeys) {
      throw new Refused('invalid-state', { code: 'NO_KEYS', message: `${broker} takes no keys: connect by a login.` });
    }
    return this.keep(userId, broker, { grant: { kind: 'keys', ...keys } });
  }

  /** Ends the permission at the broker and forgets it. @throws ArbionError while trades are open there */
  async disconnect(userId: UserId, broker: LiveBroker): Promise<BrokerLogin> {
    const { prisma } = this.dependencies;
    const brokerLogin = await findBrokerLoginAt(prisma, userId, broker);
    if (!brokerLogin?.sealed) throw notConnected(broker);
    if ((await openTradesAt(prisma, brokerLogin.id)).length > 0) {
      throw new Refused('invalid-state', {
        code: 'OPEN_TRADES',
        message: `Trades are open at ${broker}: close them first.`,
      });
    }
    await markDisconnected(prisma, brokerLogin.id);
    await this.revoke(brokerLogin, brokerLogin.sealed);
    return brokerLogin;
  }

  private async finishAttempt(owner: AttemptOwner, stateHash: string, answer: URLSearchParams): Promise<BrokerLogin> {
    const { prisma, vault } = this.dependencies;
    const attempt = await takeAttempt(prisma, owner, stateHash, new Date());
    if (!attempt) throw foreignAnswer();
    if (answer.has('error') || !(answer.has('code') || answer.has('oauth_verifier'))) throw declined();
    const begun: Omit<BegunLogin, 'authorizationUrl'> = begunShape.parse(
      JSON.parse(vault.open(attempt.sealed, ofAttempt(owner, stateHash))),
    );
    const { broker } = owner;
    const granted = await answered(() => this.loginAt(broker).finish(answer, begun, this.redirectUri(broker)));
    return this.keep(owner.userId, broker, granted);
  }

  private async keep(userId: UserId, broker: LiveBroker, { grant, livesMs }: Granted): Promise<BrokerLogin> {
    const { prisma, vault } = this.dependencies;
    const provider = this.providerOf(broker);
    const accounts = await answered(() => provider.accounts(provider.credentialOf(grant)));
    if (accounts.length === 0) throw brokerError('no_accounts', `${broker} shows no account for this login.`);
    // Without a name it could not be distinguished from another person's account after the next login.
    if (accounts.some(({ key }) => key === '')) throw brokerError('unnamed_account', `${broker} names no account.`);
    const brokerLogin = await ensureBrokerLogin(prisma, userId, broker);
    const now = Date.now();
    const dueAt = grant.kind === 'keys' ? undefined : loginDueAfter(broker, now);
    const credential = {
      sealed: sealGrant(vault, brokerLogin, grant),
      expiresAt: livesMs === undefined ? null : new Date(now + livesMs),
      loginDueAt: dueAt === undefined ? null : new Date(dueAt),
    };
    await storeLogin(prisma, brokerLogin, credential, accounts);
    return brokerLogin;
  }

  /** What cannot be ended at the broker is forgotten here all the same, and the user gets an alert. */
  private async revoke(brokerLogin: BrokerLogin, sealed: Uint8Array): Promise<void> {
    const { prisma, vault } = this.dependencies;
    try {
      await this.providerOf(brokerLogin.broker).revoke(openGrant(vault, brokerLogin, sealed));
    } catch {
      await raiseNotRevoked(prisma, brokerLogin);
    }
  }

  private redirectUri(broker: LiveBroker): string {
    return `${this.dependencies.publicUrl}/api/v1/oauth/${broker}/callback`;
  }

  private loginAt(broker: LiveBroker): NonNullable<LoginProvider['login']> {
    const { login } = this.providerOf(broker);
    if (login) return login;
    throw new Refused('invalid-state', { code: 'KEYS_ONLY', message: `${broker} is used with keys here.` });
  }

  private providerOf(broker: LiveBroker): LoginProvider {
    const provider = this.dependencies.providers.get(broker);
    if (provider) return provider;
    throw new Refused('invalid-state', { code: 'BROKER_NOT_OFFERED', message: `${broker} is not set up here.` });
  }
}

/** What a provider or a broker answered, or failed to, in the words of the API. */
async function answered<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ProviderRefused) throw brokerError(error.code, 'The broker refused the login.');
    if (error instanceof NotSent || error instanceof BrokerUnavailable) {
      throw new DependencyUnavailable('broker', { cause: error });
    }
    if (error instanceof AnswerLost) {
      throw brokerError('answer_lost', 'The answer of the broker cannot be understood.');
    }
    throw error;
  }
}

function brokerError(code: string, message: string): Refused {
  return new Refused('broker-error', { code, message });
}

/** One answer for all that a state can be wrong by, so that nothing is learnt from it. */
function foreignAnswer(): ArbionError {
  return new ArbionError(
    'malformed-request',
    'This login was not begun in this session, was used already, or took longer than ten minutes.',
    'Connect the broker again.',
  );
}

function declined(): ArbionError {
  return new ArbionError('malformed-request', 'The broker did not give access.', 'Connect the broker again.');
}

function notConnected(broker: LiveBroker): Refused {
  return new Refused('invalid-state', {
    code: 'BROKER_NOT_CONNECTED',
    message: `The broker ${broker} is not connected.`,
  });
}

function hashOf(handle: string): string {
  return createHash('sha256').update(handle).digest('hex');
}
