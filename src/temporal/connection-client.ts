import type { Client } from '@temporalio/client';
import { connectionChanged } from '../../workflows/connection/connection.messages.js';
import { CONNECTION_WORKFLOW_TYPE, CONNECTIONS_TASK_QUEUE, connectionWorkflowId } from '../domain/ids.js';

/** Nobody waits longer for what the workers do anyway before long. */
const TIMEOUT_MS = 2_000;

export interface ConnectionClient {
  /** Makes the connection's workflow look at it now, and starts it if there is none. @throws when Temporal is away */
  lookAt(connectionId: string): Promise<void>;
}

export function createConnectionClient(client: Client): ConnectionClient {
  return {
    lookAt: async (connectionId) => {
      await client.withDeadline(Date.now() + TIMEOUT_MS, () =>
        client.workflow.signalWithStart(CONNECTION_WORKFLOW_TYPE, {
          workflowId: connectionWorkflowId(connectionId),
          taskQueue: CONNECTIONS_TASK_QUEUE,
          args: [{ connectionId }],
          signal: connectionChanged,
          staticSummary: 'Keeps a connection to a broker alive',
        }),
      );
    },
  };
}
