import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BundleOptions, bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { cacheDirectory } from '../platform/cache.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Everything that a bundle can be made of, besides the SDK, and how it is made. */
const sources = ['workflows', 'src/domain', 'activities/contracts.ts', 'src/worker/workflow-bundle.ts'];
const SOURCE = /\.c?[jt]s$/;

const bundlesKept = 30;

/**
 * The path of the bundled workflow code, for `workflowBundle: { codePath }` of a worker. Bundling takes seconds, so a
 * bundle is kept under a hash of its sources and used by every process and test that runs the same code.
 */
export async function workflowBundle(): Promise<{ codePath: string }> {
  const directory = join(cacheDirectory(), 'workflows');
  const codePath = join(directory, `${await sourceHash()}.js`);
  if (existsSync(codePath)) return { codePath };
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(root, 'workflows/index.ts'),
    payloadConverterPath: join(root, 'workflows/payload-converter.cjs'),
    failureConverterPath: join(root, 'workflows/failure-converter.cjs'),
    workflowInterceptorModules: [join(root, 'workflows/support/only-sealed.ts')],
    webpackConfigHook: asWritten,
    logger: new DefaultLogger('WARN'),
  });
  await mkdir(directory, { recursive: true });
  // Another process may be reading or writing the same path.
  const written = `${codePath}.${process.pid}`;
  await writeFile(written, code);
  await rename(written, codePath);
  await removeOldest(directory);
  return { codePath };
}

type WebpackHook = NonNullable<BundleOptions['webpackConfigHook']>;

/** The SDK's compiler would turn spreads, private fields and classes into slower code of 2017. */
const asWritten: WebpackHook = (config) => {
  const rules = config.module?.rules as { use?: { options?: { jsc?: { target: string } } } }[] | undefined;
  const compiler = rules?.map(({ use }) => use?.options?.jsc).find((jsc) => jsc !== undefined);
  if (!compiler) throw new Error('The SDK compiles workflows in another way: see webpackConfigHook.');
  compiler.target = 'es2022';
  return config;
};

/** Every edit of a workflow makes another bundle; only as many are kept as could be in use somewhere. */
async function removeOldest(directory: string): Promise<void> {
  const paths = (await readdir(directory)).map((name) => join(directory, name));
  const files = await Promise.all(paths.map(async (path) => ({ path, writtenAt: await writtenAt(path) })));
  files.sort((one, other) => other.writtenAt - one.writtenAt);
  for (const { path } of files.slice(bundlesKept)) await rm(path, { force: true });
}

async function writtenAt(path: string): Promise<number> {
  // Another process may have removed it just now.
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

async function sourceHash(): Promise<string> {
  const require = createRequire(import.meta.url);
  const { version } = require('@temporalio/worker/package.json') as { version: string };
  const hash = createHash('sha256').update(version);
  for (const file of await sourceFiles()) hash.update(`\n${file}\n`).update(await readFile(join(root, file)));
  return hash.digest('hex').slice(0, 32);
}

async function sourceFiles(): Promise<string[]> {
  const lists = await Promise.all(
    sources.map(async (source) => {
      if (SOURCE.test(source)) return [source];
      const entries = await readdir(join(root, source), { recursive: true });
      return entries.filter((entry) => SOURCE.test(entry)).map((entry) => `${source}/${entry.replaceAll('\\', '/')}`);
    }),
  );
  return lists.flat().sort();
}
