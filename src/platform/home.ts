import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';

/** Where a development installation keeps its data; everything below ARBION_HOME, absolute. */
export interface HomePaths {
  root: string;
  /** What a person or a program needs to use this installation; readable by the owner only. */
  credentials: string;
  /** What the processes need and nobody else; readable by the owner only. */
  secrets: string;
  postgres: string;
  temporalDatabase: string;
  /** Where the embedded Temporal server listens. */
  temporalPlaces: string;
  /** One `<name>.pid` per process that `npm start` runs. */
  run: string;
  logs: string;
  /** Mail that is not sent, because no server is named. */
  outbox: string;
}

/** The paths of the installation that ARBION_HOME names (default `.arbion` in the working directory). */
export function homePaths(env: NodeJS.ProcessEnv): HomePaths {
  const root = resolve(env.ARBION_HOME || '.arbion');
  return {
    root,
    credentials: join(root, 'credentials.json'),
    secrets: join(root, 'secrets.json'),
    postgres: join(root, 'postgres'),
    temporalDatabase: join(root, 'temporal.db'),
    temporalPlaces: join(root, 'temporal.json'),
    run: join(root, 'run'),
    logs: join(root, 'logs'),
    outbox: join(root, 'outbox'),
  };
}

const credentialsSchema = z.object({
  url: z.string(),
  email: z.string(),
  password: z.string(),
  token: z.string(),
  databaseUrl: z.string(),
  temporalAddress: z.string(),
});
/** The first trader's log-in and API token, and where the embedded services listen. */
export type Credentials = z.infer<typeof credentialsSchema>;

const secretsSchema = z.object({
  sessionSecret: z.string(),
  encryptionKey: z.string(),
  /** of the embedded database's owner */
  postgresPassword: z.string(),
  /** of the role that the API and the worker connect as; an older home lacks it */
  applicationPassword: z.string().optional(),
  /** the owner's connection to the embedded database, as it is since the last start */
  databaseMigrateUrl: z.string().optional(),
});
/** Made once at the first start, but for the last. */
export type Secrets = z.infer<typeof secretsSchema>;

const port = z.number().int().min(1).max(65_535);
const temporalPlacesSchema = z.object({
  port,
  httpPort: port,
  metricsPort: port,
  ui: z.object({ address: z.string(), port }),
});
/** The loopback ports of the embedded Temporal server, and the address of its console. */
export type TemporalPlaces = z.infer<typeof temporalPlacesSchema>;

/** The credentials that `npm start` wrote, or undefined before its first run. Throws when the file is damaged. */
export function readCredentials(paths: HomePaths): Credentials | undefined {
  return readPrivateJson(paths.credentials, credentialsSchema);
}

/** The secrets that `npm start` made, or undefined before its first run. Throws when the file is damaged. */
export function readSecrets(paths: HomePaths): Secrets | undefined {
  return readPrivateJson(paths.secrets, secretsSchema);
}

/** Undefined before the first start of an embedded Temporal server. Throws when the file is damaged. */
export function readTemporalPlaces(paths: HomePaths): TemporalPlaces | undefined {
  return readPrivateJson(paths.temporalPlaces, temporalPlacesSchema);
}

export function writeCredentials(paths: HomePaths, credentials: Credentials): void {
  writePrivateJson(paths.credentials, credentials);
}

export function writeSecrets(paths: HomePaths, secrets: Secrets): void {
  writePrivateJson(paths.secrets, secrets);
}

export function writeTemporalPlaces(paths: HomePaths, places: TemporalPlaces): void {
  writePrivateJson(paths.temporalPlaces, places);
}

export function addressOf({ port }: TemporalPlaces): string {
  return `127.0.0.1:${port}`;
}

/** For the API, which shows the console to operators. */
export function consoleUrlOf({ ui }: TemporalPlaces): string {
  return `http://${ui.address}:${ui.port}`;
}

/** Makes ARBION_HOME and its folders. */
export function makeHome(paths: HomePaths): void {
  for (const directory of [paths.root, paths.run, paths.logs]) mkdirSync(directory, { recursive: true });
  // Others may pass but not look: where root runs this, Postgres's own account has to reach its folder.
  chmodSync(paths.root, 0o711);
}

/**
 * The environment, completed from the installation in ARBION_HOME: what is set stays, what is missing is taken from
 * the files of `npm start`. So `npm run api`, `npm run worker` and `npx arbion` find the running services by themselves.
 */
export function settingsFromHome(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const paths = homePaths(env);
  const credentials = readCredentials(paths);
  const secrets = readSecrets(paths);
  const defaults: Record<string, string | undefined> = {
    DATABASE_URL: credentials?.databaseUrl,
    TEMPORAL_ADDRESS: credentials?.temporalAddress,
    TEMPORAL_UI_URL: consoleOf(paths, env.TEMPORAL_ADDRESS || credentials?.temporalAddress),
    SESSION_SECRET: secrets?.sessionSecret,
    ENCRYPTION_KEY: secrets?.encryptionKey,
  };
  const completed = { ...env };
  for (const [name, value] of Object.entries(defaults)) {
    if (!completed[name] && value !== undefined) completed[name] = value;
  }
  return completed;
}

/** The same for migrations, which need the connection of the tables' owner. */
export function ownerSettingsFromHome(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const settings = settingsFromHome(env);
  const ofHome = env.DATABASE_URL ? undefined : readSecrets(homePaths(env))?.databaseMigrateUrl;
  return { ...settings, DATABASE_MIGRATE_URL: env.DATABASE_MIGRATE_URL || ofHome || settings.DATABASE_URL };
}

/** The embedded console shows what the embedded server has, and no other. */
function consoleOf(paths: HomePaths, temporalAddress: string | undefined): string | undefined {
  const places = readTemporalPlaces(paths);
  return places && addressOf(places) === temporalAddress ? consoleUrlOf(places) : undefined;
}

function readPrivateJson<Value>(path: string, schema: z.ZodType<Value>): Value | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // The cause may quote the file's content, which is secret.
    throw new Error(`${path} is damaged: restore it, or delete the folder ARBION_HOME to start over.`);
  }
}

function writePrivateJson(path: string, value: object): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
}
