/** Who may import whom. Arrows point towards the domain; only entry points know everybody, and nobody knows them. */
export interface ImportRule {
  /** The folder that the rule is for; the longest that fits a file counts. */
  area: string;
  /** Files and folders of ours whose values and types it may use, besides itself. */
  values?: readonly string[];
  /** Those of which it may use types only. */
  types?: readonly string[];
  packages?: readonly string[];
  /** Packages of which it may use types only. */
  packageTypes?: readonly string[];
}

const database = 'prisma/generated/';
const messages = ['trade/trade', 'guardian/guardian', 'broker-login/broker-login'].map(
  (name) => `workflows/${name}.messages.ts`,
);

/** Pure: the same everywhere, also inside of the workflow sandbox. */
const pure: ImportRule[] = [
  { area: 'src/domain/' },
  { area: 'src/matching/', values: ['src/domain/'], packages: ['sorted-btree'] },
  { area: 'src/audit/', values: ['src/domain/'] },
];

const deterministic: ImportRule[] = [
  {
    area: 'workflows/',
    values: ['src/domain/'],
    types: ['activities/contracts.ts'],
    packages: ['@temporalio/workflow'],
  },
];

const effects: ImportRule[] = [
  { area: 'src/broker-port/', values: ['src/domain/'] },
  {
    area: 'src/wire/',
    values: ['src/domain/', 'src/broker-port/'],
    packages: ['zod', 'lossless-json', 'ws', 'node:'],
  },
  {
    area: 'activities/',
    values: ['src/domain/', 'src/storage/', 'src/broker-port/'],
    types: ['src/auth/', 'src/oauth/', 'src/platform/', database],
    packages: ['@temporalio/activity', 'node:'],
    packageTypes: ['pg'],
  },
  {
    area: 'src/brokers/',
    values: ['src/domain/', 'src/broker-port/', 'src/wire/'],
    packages: ['zod', 'lossless-json', 'jose', 'fast-xml-parser', 'node:'],
  },
  {
    area: 'src/brokers/paper/',
    values: ['src/domain/', 'src/matching/', 'src/broker-port/'],
    types: ['src/market-data/', 'src/platform/'],
    packages: ['zod', 'node:'],
    packageTypes: ['pg'],
  },
  {
    area: 'src/market-data/',
    values: ['src/domain/', 'src/matching/', 'src/platform/'],
    packages: ['zod', 'csv-parse', 'node:'],
    packageTypes: ['pg', 'ioredis'],
  },
  {
    area: 'src/storage/',
    values: ['src/domain/', 'src/platform/', 'src/broker-port/', database],
    types: ['src/audit/'],
    packages: ['@prisma/', 'pg', 'pg-connection-string', 'ioredis', 'node:'],
  },
  {
    area: 'src/auth/',
    values: ['src/domain/', 'src/platform/', 'src/storage/', 'src/vault/', database],
    packages: ['@node-rs/argon2', '@zxcvbn-ts/', 'lucia', 'otpauth', 'standardwebhooks', 'zod', 'node:'],
  },
  { area: 'src/mail/', types: ['src/platform/'], packages: ['nodemailer', 'node:'] },
  {
    area: 'src/vault/',
    values: ['src/domain/'],
    types: ['src/platform/', 'src/storage/', database],
    packages: ['node:'],
    packageTypes: ['pg'],
  },
  {
    area: 'src/oauth/',
    values: ['src/domain/', 'src/storage/', 'src/vault/', 'src/broker-port/', 'src/wire/'],
    types: ['src/platform/', database],
    packages: ['oauth4webapi', 'zod', 'node:'],
    packageTypes: ['pg'],
  },
  {
    area: 'src/live-brokers/',
    values: ['src/domain/', 'src/broker-port/', 'src/brokers/', 'src/oauth/', 'src/storage/', 'src/vault/'],
    types: ['src/platform/', database],
    packageTypes: ['ioredis', 'pg'],
  },
  {
    area: 'src/temporal/',
    values: ['src/domain/', 'src/platform/', ...messages],
    types: ['activities/', 'workflows/'],
    packages: ['@temporalio/client', '@temporalio/common', '@temporalio/proto', 'node:'],
  },
  { area: 'src/platform/', packages: ['pg-connection-string', 'pino', 'pino-pretty', 'zod', 'node:'] },
];

/** The rooms of the API, each with the others that it may look into; all of them use `http`. */
const apiRooms: Record<string, readonly string[]> = {
  http: [],
  identity: [],
  operations: [],
  risk: ['identity'],
  brokers: ['identity'],
  portfolio: ['brokers'],
  trades: ['brokers'],
  webhooks: ['identity', 'trades'],
};

function apiRoom(room: string, others: readonly string[]): ImportRule {
  return {
    area: `src/api/${room}/`,
    values: [
      ...[
        'src/domain/',
        'src/storage/',
        'src/auth/',
        'src/oauth/',
        'src/temporal/',
        'src/platform/',
        'src/broker-port/',
      ],
      ...['http', ...others].map((name) => `src/api/${name}/`),
    ],
    types: ['src/api/dependencies.ts', 'src/brokers/', 'src/mail/', database, ...messages],
    packages: ['hono', '@hono/', 'prom-client', 'zod', 'node:', 'swagger-ui-dist'],
    packageTypes: ['@temporalio/client', '@temporalio/common', 'ioredis'],
  };
}

const processes: ImportRule[] = [
  { area: 'src/api/', values: ['src/api/'], packages: ['@hono/zod-openapi'] },
  ...Object.entries(apiRooms).map(([room, others]) => apiRoom(room, others)),
  {
    area: 'src/worker/',
    values: [
      'activities/',
      'src/domain/',
      'src/storage/',
      'src/auth/',
      'src/oauth/',
      'src/temporal/',
      'src/platform/',
      'src/matching/sorted-tree.ts',
    ],
    types: ['src/broker-port/', 'src/market-data/', database],
    packages: ['@temporalio/worker', '@temporalio/client', 'node:'],
    packageTypes: ['@temporalio/common', 'pg'],
  },
  {
    area: 'src/simulator/',
    values: ['src/domain/', 'src/matching/', 'src/market-data/', 'src/platform/'],
    packages: ['hono', '@hono/node-server', '@msgpack/msgpack', 'ws', 'zod', 'node:'],
  },
  {
    area: 'src/launcher/',
    values: ['src/auth/', 'src/domain/', 'src/platform/', 'src/storage/'],
    types: [database],
    packages: ['@temporalio/client', '@temporalio/testing', 'pg', 'zod', 'node:'],
  },
];

export const importRules: readonly ImportRule[] = [...pure, ...deterministic, ...effects, ...processes];

/** Where a process is put together: these may import anything but each other's folders. */
export const entryPoints: readonly string[] = [
  'src/api/server.ts',
  'src/api/dependencies.ts',
  'src/worker/main.ts',
  'src/simulator/main.ts',
  'src/vault/rewrap-command.ts',
  'src/cli/',
  'src/replay/',
];

/** What only one file may know, because it is to be replaced there some day. */
export const soleUsers: Readonly<Record<string, string>> = { lucia: 'src/auth/sessions.ts' };
