import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { beforeAll, describe, expect, it } from 'vitest';
import { workflowBundle } from '../../src/worker/workflow-bundle.js';

/** Of the code, without its source map. A worker loads it once; every cached trade pays for what its modules keep. */
const PINNED_BYTES = 825_000;
/** What the SDK itself brings into a workflow. */
const PACKAGES = ['@temporalio/common', '@temporalio/workflow', 'long', 'ms', 'nexus-rpc'];

/** Bundling takes seconds, on a busy machine many. */
const PATIENCE_MS = 120_000;

let code: string;
let modules: string[];
beforeAll(async () => {
  const { codePath } = await workflowBundle();
  [code = ''] = (await readFile(codePath, 'utf8')).split('//# sourceMappingURL=');
  modules = [...code.matchAll(/^\/\*\*\*\/ "([^"]+)"/gm)].map(([, name = '']) => name);
}, PATIENCE_MS);

describe('the bundle of the workflows', () => {
  it('holds our workflows and domain, and of packages only what the SDK brings', () => {
    expect(modules).toContain('./src/domain/decimal.ts');
    expect(new Set(modules.flatMap((name) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name)?.[1] ?? []))).toEqual(
      new Set(PACKAGES),
    );
    const ours = modules.filter((name) => /^\.\/(?!node_modules)/.test(name));
    expect(ours.filter((name) => !/^\.\/(workflows|src\/domain|activities\/contracts)/.test(name))).toEqual([]);
  });

  it('holds nothing of Node', () => {
    const ofNode = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
    expect(modules.filter((name) => ofNode.has(name) || /external/.test(name))).toEqual([]);
    expect(code).not.toMatch(/require\("node:/);
  });

  it('is of the size that is pinned here, give or take 15 %', () => {
    expect(code.length).toBeGreaterThan(PINNED_BYTES * 0.85);
    expect(code.length).toBeLessThan(PINNED_BYTES * 1.15);
  });
});
