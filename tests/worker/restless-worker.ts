/** A worker process that runs `restless`, as production runs workflows. Its arguments: the server's address and namespace. */
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { useLeanSandbox } from '../../src/worker/lean-sandbox.js';

const [address = '', namespace = ''] = process.argv.slice(2);
useLeanSandbox((thread) => {
  process.stdout.write(`${JSON.stringify(thread)}\n`);
  process.exit(70);
});
const workflowsPath = fileURLToPath(new URL('./restless.workflow.ts', import.meta.url));
const worker = await Worker.create({
  ...{ connection: await NativeConnection.connect({ address }), namespace, taskQueue: 'restless' },
  workflowBundle: await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') }),
  reuseV8Context: true,
});
await worker.run();
