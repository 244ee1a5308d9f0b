import { z } from 'zod';
import { type BrokersSettings, brokerEnvironment, brokersSettings, clientPairs } from './broker-settings.js';
import { type MailSettings, mailEnvironment, mailSettings } from './mail-settings.js';
import { mayBePlaintext, plaintextProblems, usesTemporalTls } from './plaintext.js';
import { type RateLimits, rateLimitEnvironment, rateLimitSettings } from './rate-limit-settings.js';
import {
  booleanText,
  decimalText,
  durationMs,
  type EncryptionKey,
  encryptionKeyRing,
  hostList,
  httpOrigin,
  type MarketDataSource,
  marketDataSource,
  percentText,
  postgresUrl,
  readableFile,
  secretText,
  superadminPassword,
  wholeNumber,
} from './settings.js';
import { type WideQuotes, wideQuoteEnvironment, wideQuoteSettings } from './wide-quote-settings.js';

/** How the processes reach Temporal. `tls` is set when it is encrypted, with what a private authority needs. */
export interface TemporalSettings {
  address: string;
  namespace: string;
  apiKey?: string;
  tls?: { serverName?: string; serverCa?: Buffer; clientCertificate?: { certificate: Buffer; key: Buffer } };
}

/** Every setting of the processes, validated. `.env.example` explains each setting. */
export interface Config {
  databaseUrl?: string;
  /** The owner's connection for migrations; `databaseUrl` where there is only one. */
  databaseMigrateUrl?: string;
  /** Temporal's own database, by its own role; only for the command that makes both. */
  temporalDatabaseUrl?: string;
  redisUrl?: string;
  temporal: TemporalSettings;
  host: string;
  port: number;
  /** The origin under which people and brokers reach the API, without a trailing slash. */
  publicUrl: string;
  /** Where the API finds Temporal's console, which it shows to administrators under /temporal/. */
  temporalUiUrl?: string;
  sessionSecret?: string;
  /** The first encrypts; all decrypt. */
  encryptionKeys?: readonly EncryptionKey[];
  marketData: MarketDataSource;
  monitorIntervalMs: number;
  wideQuotes: WideQuotes;
  /** Decimal dollars with which a paper account begins. */
  paperCash: string;
  /** What the paper broker charges: dollars a share and a contract, percent of a coin order. */
  paperFees: { perShare: string; perContract: string; coinPercent: string };
  superadmin?: { email: string; password: string };
  rateLimits: RateLimits;
  mail: MailSettings;
  /** Reverse proxies in front whose X-Forwarded-For entries are believed. */
  trustedHops: number;
  metricsToken?: string;
  continueAsNewEvents: number;
  /** the tab "Call Stack" of Temporal's console, for debugging: workflows run at half the speed */
  workflowStackTraces: boolean;
  sampleTrade: boolean;
  /** the brokers that are offered besides the paper broker */
  brokers: BrokersSettings;
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  plaintextHosts: readonly string[];
}

/** Settings that some processes require. */
export type Need = 'databaseUrl' | 'databaseMigrateUrl' | 'temporalDatabaseUrl' | 'sessionSecret' | 'encryptionKeys';
export type ConfigWith<Needed extends Need> = Config & { [Name in Needed]-?: NonNullable<Config[Name]> };

/** Thrown by `loadConfig`; its message lists every problem with its remedy and quotes no value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: readonly string[]) {
    super(['The configuration has errors:', ...problems.map((problem) => `  - ${problem}`)].join('\n'));
  }
}

const settingOfNeed: Record<Need, string> = {
  databaseUrl: 'DATABASE_URL',
  databaseMigrateUrl: 'DATABASE_MIGRATE_URL',
  temporalDatabaseUrl: 'TEMPORAL_DATABASE_URL',
  sessionSecret: 'SESSION_SECRET',
  encryptionKeys: 'ENCRYPTION_KEY',
};

const environment = z.object({
  DATABASE_URL: postgresUrl.optional(),
  DATABASE_MIGRATE_URL: postgresUrl.optional(),
  TEMPORAL_DATABASE_URL: postgresUrl.optional(),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: 'must be rediss://host:port, or redis:// on this machine' })
    .optional(),
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^[^\s/:]+:\d{1,5}$/, 'must be host:port')
    .default('localhost:7233'),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  TEMPORAL_API_KEY: z.string().optional(),
  TEMPORAL_TLS: booleanText.optional(),
  TEMPORAL_TLS_SERVER_NAME: z.string().optional(),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: readableFile.optional(),
  TEMPORAL_TLS_CLIENT_CERT_PATH: readableFile.optional(),
  TEMPORAL_TLS_CLIENT_KEY_PATH: readableFile.optional(),
  TEMPORAL_UI_URL: httpOrigin.optional(),
  HOST: z.string().default('127.0.0.1'),
  PORT: wholeNumber({ from: 1, to: 65_535 }).default(8000),
  PUBLIC_URL: httpOrigin.optional(),
  SESSION_SECRET: secretText.optional(),
  ENCRYPTION_KEY: encryptionKeyRing.optional(),
  MARKET_DATA: marketDataSource.default({ kind: 'synthetic' }),
  MONITOR_INTERVAL: durationMs({ fromMs: 1_000, toMs: 3_600_000 }).default(60_000),
  PAPER_CASH: decimalText.default('100000'),
  PAPER_FEE_SHARE: decimalText.default('0'),
  PAPER_FEE_CONTRACT: decimalText.default('0.65'),
  PAPER_FEE_COIN_PERCENT: percentText.default('0.6'),
  SUPERADMIN_EMAIL: z.email('must be an e-mail address').optional(),
  SUPERADMIN_PASSWORD: superadminPassword.optional(),
  TRUSTED_HOPS: wholeNumber({ from: 0, to: 10 }).default(0),
  METRICS_TOKEN: secretText.optional(),
  CONTINUE_AS_NEW_EVENTS: wholeNumber({ from: 100, to: 20_000 }).default(150),
  WORKFLOW_STACK_TRACES: booleanText.default(false),
  ARBION_SAMPLE_TRADE: z.enum(['on', 'off'], 'must be on or off').default('on'),
  LOG_LEVEL: z
    .enum(
      ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
      'must be fatal, error, warn, info, debug, trace or silent',
    )
    .default('info'),
  ALLOW_PLAINTEXT_HOSTS: hostList.default([]),
  ...wideQuoteEnvironment,
  ...rateLimitEnvironment,
  ...mailEnvironment,
  ...brokerEnvironment,
});
export type Environment = z.infer<typeof environment>;

/** The names of all settings. */
export const settingNames: readonly string[] = Object.keys(environment.shape);

/**
 * Reads and checks the whole configuration. `needs` names what the calling process can't do without.
 * Throws one ConfigError that lists every problem.
 */
export function loadConfig<Needed extends Need>(env: NodeJS.ProcessEnv, needs: readonly Needed[]): ConfigWith<Needed> {
  const given = withoutEmptyValues(env);
  const parsed = environment.safeParse(given);
  const malformed = parsed.success ? [] : parsed.error.issues;
  const missing = needs.map((need) => settingOfNeed[need]).filter((name) => given[name] === undefined);
  const settings = parsed.success ? parsed.data : environment.parse(without(given, malformed));
  const problems = [
    ...malformed.map((issue) => `${issue.path.join('.')} ${issue.message}.`),
    ...missing.map((name) => `${name} is missing: set it, or run \`npm start\` first, which creates it.`),
    ...pairProblems(given),
    ...plaintextProblems(settings),
    ...reuseProblems(settings),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  // Nothing that is needed is missing.
  return configOf(settings) as ConfigWith<Needed>;
}

/** An empty variable means an unset one: compose files and shells pass on what nobody set as empty text. */
function withoutEmptyValues(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
}

/** What can still be judged when some settings are malformed: one start is to report all that is wrong. */
function without(given: NodeJS.ProcessEnv, malformed: readonly z.core.$ZodIssue[]): NodeJS.ProcessEnv {
  const names = new Set(malformed.map(({ path }) => path[0]));
  return Object.fromEntries(Object.entries(given).filter(([name]) => !names.has(name)));
}

function pairProblems(given: NodeJS.ProcessEnv): string[] {
  const pairs = [
    ['SUPERADMIN_EMAIL', 'SUPERADMIN_PASSWORD'],
    ['TEMPORAL_TLS_CLIENT_CERT_PATH', 'TEMPORAL_TLS_CLIENT_KEY_PATH'],
    ...clientPairs,
  ] as const;
  return pairs
    .filter(([one, other]) => (given[one] === undefined) !== (given[other] === undefined))
    .map(([one, other]) => `${one} and ${other} belong together: set both or neither.`);
}

/** A leaked secret must not open anything else. */
function reuseProblems(settings: Environment): string[] {
  const keys = (settings.ENCRYPTION_KEY ?? []).map(({ key }) => key.toString('base64'));
  const named = [
    ['SESSION_SECRET', settings.SESSION_SECRET],
    ['METRICS_TOKEN', settings.METRICS_TOKEN],
    ['SUPERADMIN_PASSWORD', settings.SUPERADMIN_PASSWORD],
    ...keys.map((key) => ['ENCRYPTION_KEY', key] as const),
  ] as const;
  const seen = new Map<string, string>();
  const problems: string[] = [];
  for (const [name, value] of named) {
    if (value === undefined) continue;
    const other = seen.get(value);
    if (other !== undefined)
      problems.push(`${other} and ${name} have the same value: create a separate secret for each.`);
    seen.set(value, name);
  }
  return problems;
}

function configOf(settings: Environment): Config {
  const { SUPERADMIN_EMAIL: email, SUPERADMIN_PASSWORD: password } = settings;
  return withoutUndefined({
    databaseUrl: settings.DATABASE_URL,
    databaseMigrateUrl: settings.DATABASE_MIGRATE_URL,
    temporalDatabaseUrl: settings.TEMPORAL_DATABASE_URL,
    redisUrl: settings.REDIS_URL,
    temporal: temporalSettings(settings),
    host: settings.HOST,
    port: settings.PORT,
    publicUrl: settings.PUBLIC_URL ?? `http://localhost:${settings.PORT}`,
    temporalUiUrl: settings.TEMPORAL_UI_URL,
    sessionSecret: settings.SESSION_SECRET,
    encryptionKeys: settings.ENCRYPTION_KEY,
    marketData: settings.MARKET_DATA,
    monitorIntervalMs: settings.MONITOR_INTERVAL,
    wideQuotes: wideQuoteSettings(settings),
    paperCash: settings.PAPER_CASH,
    paperFees: {
      perShare: settings.PAPER_FEE_SHARE,
      perContract: settings.PAPER_FEE_CONTRACT,
      coinPercent: settings.PAPER_FEE_COIN_PERCENT,
    },
    superadmin: email !== undefined && password !== undefined ? { email, password } : undefined,
    rateLimits: rateLimitSettings(settings),
    mail: mailSettings(settings, (host) => mayBePlaintext(host, settings)),
    trustedHops: settings.TRUSTED_HOPS,
    metricsToken: settings.METRICS_TOKEN,
    continueAsNewEvents: settings.CONTINUE_AS_NEW_EVENTS,
    workflowStackTraces: settings.WORKFLOW_STACK_TRACES,
    sampleTrade: settings.ARBION_SAMPLE_TRADE === 'on',
    brokers: brokersSettings(settings),
    logLevel: settings.LOG_LEVEL,
    plaintextHosts: settings.ALLOW_PLAINTEXT_HOSTS,
  });
}

function temporalSettings(settings: Environment): TemporalSettings {
  const { TEMPORAL_TLS_CLIENT_CERT_PATH: certificate, TEMPORAL_TLS_CLIENT_KEY_PATH: key } = settings;
  const tls = withoutUndefined({
    serverName: settings.TEMPORAL_TLS_SERVER_NAME,
    serverCa: settings.TEMPORAL_TLS_SERVER_CA_CERT_PATH,
    clientCertificate: certificate !== undefined && key !== undefined ? { certificate, key } : undefined,
  });
  return withoutUndefined({
    address: settings.TEMPORAL_ADDRESS,
    namespace: settings.TEMPORAL_NAMESPACE,
    apiKey: settings.TEMPORAL_API_KEY,
    tls: usesTemporalTls(settings) ? tls : undefined,
  });
}

type WithoutUndefined<Value> = {
  [Name in keyof Value as undefined extends Value[Name] ? never : Name]: Value[Name];
} & { [Name in keyof Value as undefined extends Value[Name] ? Name : never]?: Exclude<Value[Name], undefined> };

function withoutUndefined<Value extends object>(value: Value): WithoutUndefined<Value> {
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(entries) as WithoutUndefined<Value>;
}
