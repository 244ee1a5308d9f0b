/**
 * Prisma's schema engine as WebAssembly. The `prisma` command wants to download a native one; this is the same engine
 * from npm, so migrations work offline and stay Prisma's own (`prisma migrate deploy` works on the same database).
 */

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import { migrationAdapterFactory } from './migration-adapter.js';

export type SchemaEngine = bindings.SchemaEngine;

/** Runs `work` with an engine on the database of `url`, and closes its connections afterwards. */
export async function withSchemaEngine<Result>(
  url: string,
  work: (engine: SchemaEngine) => Promise<Result>,
): Promise<Result> {
  loading ??= loadEngine();
  await loading;
  const factory = migrationAdapterFactory(url);
  const engine = await bindings.SchemaEngine.new(
    { datamodels: undefined },
    ignoreEngineLog,
    bindMigrationAwareSqlAdapterFactory(factory),
  );
  try {
    return await work(engine);
  } finally {
    engine.free();
    await factory.close();
  }
}

let loading: Promise<void> | undefined;

/** The package's own entry imports the binary as a module, which Node can't do yet; so it is tied together here. */
async function loadEngine(): Promise<void> {
  // Where the engine leaves its last words before it aborts; without it they are lost.
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: reportPanic } });
  const path = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const binary = await readFile(path.replace(/\.js$/, '.wasm'));
  const { instance } = await WebAssembly.instantiate(binary, { './schema_engine_bg.js': engineImports() });
  bindings.__wbg_set_wasm(instance.exports);
  const start = instance.exports.__wbindgen_start;
  if (typeof start !== 'function') throw new Error('The schema engine has no start function.');
  start();
}

/** The engine never takes back the timer of its 10 s lock limit, which must not keep a finished process alive. */
function engineImports(): Record<string, unknown> {
  const setTimer = (callback: () => void, delayMs: number) => setTimeout(callback, delayMs).unref();
  return Object.fromEntries(
    Object.entries(bindings).map(([name, value]) => [name, name.startsWith('__wbg_setTimeout_') ? setTimer : value]),
  );
}

function reportPanic(message: string): void {
  process.stderr.write(`The schema engine failed: ${message}\n`);
}

/** What matters comes back as a result or an error. */
function ignoreEngineLog(): void {}
