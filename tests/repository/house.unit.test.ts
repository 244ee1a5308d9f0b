import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../src/domain/search-attributes.js';
import { requireProgram } from '../support/programs.js';
import { typeScriptFiles } from './source-files.js';

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
    const dead = pages.flatMap((page) => {
      const links = [...readFileSync(page, 'utf8').matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, link = '']) => link);
      const local = links.filter((link) => !/^[a-z]+:/.test(link));
      return local.filter((link) => !existsSync(join(dirname(page), link))).map((link) => `${page}: ${link}`);
    });
    expect(dead).toEqual([]);
  });
});

describe('containers', () => {
  it('have a compose file that docker-compose accepts', () => {
    requireProgram('docker-compose');
    const { status, stderr } = spawnSync('docker-compose', ['config', '--quiet'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('register every search attribute, or no trade could start', () => {
    const script = readFileSync('docker/temporal-namespace.sh', 'utf8');
    const registered = [...script.matchAll(/--name (\w+) --type (\w+)/g)].map(([, name, type]) => ({ name, type }));
    expect(registered.map(({ name, type }) => ({ name, type: type?.toUpperCase() }))).toEqual(SEARCH_ATTRIBUTES);
  });
});
