/** T39 T64: `npm run check` and the registry's answer to an audit, of a registry that says what the test wants. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';

const HOLE = {
  id: 1,
  url: 'https://github.com/advisories/GHSA-made-up',
  title: 'All doors are open',
  severity: 'high',
  vulnerable_versions: '<99.0.0',
  cwe: [],
  cvss: { score: 8, vectorString: null },
};

const cache = mkdtempSync(join(tmpdir(), 'arbion-advisories-'));
let answer: object | undefined = {};
let asked: string[] = [];
const registry = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const isAudit = request.url?.endsWith('/security/advisories/bulk') ?? false;
    if (isAudit) asked = Object.keys(JSON.parse(gunzipSync(Buffer.concat(parts)).toString()) as object);
    response.writeHead(isAudit && answer !== undefined ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isAudit ? (answer ?? {}) : {}));
  });
});

beforeAll(async () => {
  registry.listen(0, '127.0.0.1');
  await once(registry, 'listening');
});
afterAll(() => {
  registry.close();
  rmSync(cache, { recursive: true });
});

function check(cacheHome = cache): Promise<{ code: number; said: string }> {
  const registryUrl = `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`;
  const env = { PATH: process.env.PATH, HOME: cache, XDG_CACHE_HOME: cacheHome, npm_config_registry: registryUrl };
  return new Promise((done) => {
    execFile(process.execPath, ['scripts/advisories.mjs'], { env }, (error, stdout) =>
      done({ code: Number(error?.code ?? 0), said: stdout }),
    );
  });
}

/** npm itself starts slowly where much else runs. */
const WITHIN_MS = 240_000;

test(
  'T64 a known hole fails the check, also when the registry is gone again',
  async () => {
    answer = {};
    expect(await check()).toEqual({ code: 0, said: expect.stringMatching(/^Advisories of .*: none\.\n$/) });
    expect(asked).toContain('hono');

    answer = { hono: [HOLE] };
    const found = await check();
    expect(found.code).toBe(1);
    expect(found.said).toContain(
      'high: hono: <99.0.0, All doors are open (https://github.com/advisories/GHSA-made-up)',
    );

    answer = undefined;
    expect(await check()).toEqual(found);
  },
  WITHIN_MS,
);

test(
  'T64 a registry that answers no audits, and never did, says nothing of the packages',
  async () => {
    answer = undefined;
    const { code, said } = await check(join(cache, 'empty'));
    expect(code).toBe(0);
    expect(said).toContain('Nothing was checked');
  },
  WITHIN_MS,
);
