/**
 * Makes the SDK start its workflow threads lean (lean-sandbox-thread.cjs), and watches over them from outside: one that is
 * silent for too long runs a workflow that never comes to rest, and only the end of the process ends it.
 * tests/worker/lean-sandbox.services.test.ts fails when another version of the SDK starts its threads in another way.
 */
import { fileURLToPath } from 'node:url';
import workerThreads, { Worker, type WorkerOptions } from 'node:worker_threads';

const SDK_THREAD = /[\\/]@temporalio[\\/]worker[\\/]lib[\\/]workflow[\\/]workflow-worker-thread(?:\.js)?$/;
const LEAN_THREAD = fileURLToPath(new URL('lean-sandbox-thread.cjs', import.meta.url));

const CHECK_MS = 1_000;
/**
 * So many checks in a row without an answer, about ten seconds. Counted, as a machine that slept has heard nothing for hours.
 * A long history is replayed task by task, and each is answered.
 */
const SILENT_CHECKS = 10;

/** What a thread was running when it fell silent. */
export interface SilentThread {
  workflowId: string | undefined;
  runId: string | undefined;
}

type OnSilence = (thread: SilentThread) => void;

/** For every workflow thread that this process starts from now on. */
export function useLeanSandbox(onSilence: OnSilence): void {
  workerThreads.Worker = class extends Worker {
    constructor(file: string | URL, options?: WorkerOptions) {
      const isWorkflowThread = SDK_THREAD.test(String(file));
      super(isWorkflowThread ? LEAN_THREAD : file, options);
      if (isWorkflowThread) watch(this, onSilence);
    }
  };
}

/** What the SDK asks of a thread; the answer has the same id. */
interface ThreadRequest {
  requestId: bigint;
  input: { type: string; runId?: string; options?: { info: { workflowId: string; runId: string } } };
}

/** What runs code of workflows. To load the bundle may take long on a busy machine. */
const RUNS_A_WORKFLOW = ['create-workflow', 'activate-workflow'];

/** One thing after another is asked of a thread, and answered in that order. */
function watch(thread: Worker, onSilence: OnSilence): void {
  const workflowIds = new Map<string, string>();
  const asked = new Map<bigint, string | undefined>();
  let silentChecks = 0;

  const post = thread.postMessage.bind(thread);
  thread.postMessage = (request: ThreadRequest, ...transfer) => {
    const { type, options, runId = options?.info.runId } = request.input;
    if (options) workflowIds.set(options.info.runId, options.info.workflowId);
    if (type === 'dispose-workflow' && runId !== undefined) workflowIds.delete(runId);
    if (RUNS_A_WORKFLOW.includes(type)) asked.set(request.requestId, runId);
    post(request, ...transfer);
  };
  thread.on('message', ({ requestId }: Partial<ThreadRequest>) => {
    silentChecks = 0;
    if (requestId !== undefined) asked.delete(requestId);
  });
  const checking = setInterval(() => {
    silentChecks = asked.size === 0 ? 0 : silentChecks + 1;
    if (silentChecks < SILENT_CHECKS) return;
    const [runId] = asked.values();
    onSilence({ runId, workflowId: runId === undefined ? undefined : workflowIds.get(runId) });
  }, CHECK_MS);
  thread.on('exit', () => clearInterval(checking));
}
