/** Pins what the lean sandbox rests on in the SDK: another version that starts its threads otherwise fails here. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Client, Connection, QueryNotRegisteredError } from '@temporalio/client';
import { expect, test } from 'vitest';
import { aapl, at } from '../support/prices.js';
import { devServer } from '../support/temporal.js';
import { openTrading } from '../support/trading.js';

test('workflows keep no stack traces, and run without a watchdog of their own', async () => {
  const trading = await openTrading({ prices: aapl(at('150')) });
  try {
    const { workflowId } = await trading.start();
    const stack = trading.client.workflow.getHandle(workflowId).query('__stack_trace');
    await expect(stack).rejects.toThrow(QueryNotRegisteredError);
  } finally {
    await trading.close();
  }
});

test('a workflow that never comes to rest ends the process, which names it', async () => {
  const { address, namespace } = await devServer();
  const entry = fileURLToPath(new URL('./restless-worker.ts', import.meta.url));
  const worker = spawn(process.execPath, ['scripts/run.mjs', entry, address, namespace]);
  let said = '';
  worker.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = once(worker, 'exit');
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  const handle = await client.workflow.start('restless', { workflowId: 'restless-1', taskQueue: 'restless' });
  try {
    expect(await ended).toEqual([70, null]);
    expect(JSON.parse(said)).toEqual({ workflowId: 'restless-1', runId: handle.firstExecutionRunId });
  } finally {
    await handle.terminate();
    await connection.close();
  }
});
