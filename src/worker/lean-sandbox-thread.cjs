/** The SDK's workflow thread with a lean sandbox: lean-sandbox.ts starts it in place of the SDK's own. */
require('./lean-vm.cjs');
require('@temporalio/worker/lib/workflow/workflow-worker-thread');
