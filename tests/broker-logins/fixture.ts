/** Broker logins to the simulated brokers, without an API: the same parts as the processes put together. */
import { randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { expect } from 'vitest';
import type { LiveBroker } from '../../src/domain/broker-login.js';
import type { UserId } from '../../src/domain/ids.js';
import { accountsOf } from '../../src/live-brokers/live-brokers.js';
import { createBrokerAccess } from '../../src/oauth/broker-access.js';
import { Logins } from '../../src/oauth/logins.js';
import { createLoginProviders } from '../../src/oauth/providers.js';
import { TokenRefresh } from '../../src/oauth/token-refresh.js';
import type { BrokersSettings } from '../../src/platform/broker-settings.js';
import type { EncryptionKey } from '../../src/platform/settings.js';
import { createDatabase } from '../../src/storage/database.js';
import type { AttemptOwner } from '../../src/storage/oauth-attempts.js';
import { createVault } from '../../src/vault/vault.js';
import { ManualClock, temporaryDirectory } from '../simulator/exchange-fixture.js';
import { CLIENT, LOGIN, TestSimulator } from '../simulator/simulator-fixture.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';

const PUBLIC_URL = 'http://localhost:8000';
export const RING: readonly EncryptionKey[] = [{ id: 'test', key: randomBytes(32) }];

export function settingsAt(simulatorUrl: string): BrokersSettings {
  const client = { id: CLIENT.clientId, secret: CLIENT.clientSecret };
  const at = (broker: LiveBroker) => ({ baseUrl: `${simulatorUrl}/${broker}`, client });
  return { schwab: at('schwab'), coinbase: at('coinbase'), etrade: at('etrade'), alpaca: at('alpaca') };
}

export function redirectOf(broker: LiveBroker): string {
  return `${PUBLIC_URL}/api/v1/oauth/${broker}/callback`;
}

/** What one process has of the broker logins; several on one database are several workers. */
export function brokerLoginParts(databaseUrl: string, settings: BrokersSettings) {
  const database = createDatabase(databaseUrl, { poolSize: 2 });
  const locks = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  const { prisma } = database;
  const vault = createVault(RING);
  const providers = createLoginProviders(settings, accountsOf);
  const tokens = new TokenRefresh({ prisma, locks, vault, providers });
  return {
    prisma,
    vault,
    providers,
    tokens,
    access: createBrokerAccess({ prisma, tokens, providers }),
    logins: new Logins({ prisma, vault, providers, publicUrl: PUBLIC_URL }),
    close: async () => {
      await locks.end();
      await database.close();
    },
  };
}
export type BrokerLoginParts = ReturnType<typeof brokerLoginParts>;

export class TestBrokerLogins {
  private constructor(
    readonly simulator: TestSimulator,
    readonly database: TestDatabase,
    readonly parts: BrokerLoginParts,
  ) {}

  /** The simulator's clock stands at the present: E*TRADE holds time stamps against it. */
  static async open(clock = new ManualClock(Date.now())): Promise<TestBrokerLogins> {
    const simulator = await TestSimulator.start(temporaryDirectory(), clock);
    const database = await freshDatabase();
    return new TestBrokerLogins(simulator, database, brokerLoginParts(database.url, settingsAt(simulator.url)));
  }

  /** A user, new unless it is given, with an account at the broker, not connected yet. */
  async user(broker: LiveBroker, userId = randomUUID() as UserId): Promise<Login> {
    const login = { ...LOGIN, username: randomUUID() };
    await this.simulator.open(broker, { login, clients: [{ ...CLIENT, redirectUris: [redirectOf(broker)] }] });
    const { prisma } = this.database;
    const user = { id: userId, email: `${userId}@example.test`, passwordHash: '-' };
    await prisma.user.upsert({ where: { id: userId }, create: user, update: {} });
    const sessionId = randomUUID();
    const expiresAt = new Date(Date.now() + 3_600_000);
    await prisma.session.create({ data: { id: sessionId, userId, expiresAt } });
    return { owner: { userId, sessionId, broker }, credentials: login };
  }

  /** Goes through the broker's consent page as a browser would, and answers the query it is sent back with. */
  async consent(login: Login): Promise<URLSearchParams> {
    const url = await this.parts.logins.begin(login.owner);
    const body = new URLSearchParams({ ...login.credentials, decision: 'allow' });
    const answer = await fetch(url, { method: 'POST', redirect: 'manual', body });
    expect(answer.status).toBe(302);
    return new URL(answer.headers.get('location') ?? '').searchParams;
  }

  /** A user who is connected; answers the ids of the broker login and of its account. */
  async connected(broker: LiveBroker) {
    const login = await this.user(broker);
    return { login, ...(await this.logIn(login)) };
  }

  async logIn(login: Login) {
    const { id } = await this.parts.logins.finish(login.owner, await this.consent(login));
    const account = await this.database.prisma.brokerAccount.findFirstOrThrow({ where: { loginId: id } });
    return { id, account: account.id };
  }

  row(id: string) {
    return this.database.prisma.brokerLogin.findUniqueOrThrow({ where: { id } });
  }

  /** As if so much time had passed since the last refresh was sent. */
  async rest(id: string, ms = 15_000): Promise<void> {
    const { refreshSentAt } = await this.row(id);
    const earlier = new Date((refreshSentAt?.getTime() ?? 0) - ms);
    await this.database.prisma.brokerLogin.update({ where: { id }, data: { refreshSentAt: earlier } });
  }

  async refreshes(): Promise<{ outcome: string; reason?: string }[]> {
    return (await this.simulator.ledger()).refreshes;
  }

  alerts(code: string) {
    return this.database.prisma.alert.findMany({ where: { code } });
  }

  async close(): Promise<void> {
    await this.parts.close();
    await this.database.close();
    await this.simulator.close();
  }
}

export interface Login {
  owner: AttemptOwner;
  credentials: { username: string; password: string };
}
