import type { Client } from '@temporalio/client';
import { brokerLoginChanged } from '../../workflows/broker-login/broker-login.messages.js';
import { BROKER_LOGIN_WORKFLOW_TYPE, BROKER_LOGINS_TASK_QUEUE, brokerLoginWorkflowId } from '../domain/ids.js';

/** Nobody waits longer for what the workers do anyway before long. */
const TIMEOUT_MS = 2_000;

export interface BrokerLoginClient {
  /** Makes the login's workflow look at it now, and starts it if there is none. @throws when Temporal is away */
  lookAt(loginId: string): Promise<void>;
}

export function createBrokerLoginClient(client: Client): BrokerLoginClient {
  return {
    lookAt: async (loginId) => {
      await client.withDeadline(Date.now() + TIMEOUT_MS, () =>
        client.workflow.signalWithStart(BROKER_LOGIN_WORKFLOW_TYPE, {
          workflowId: brokerLoginWorkflowId(loginId),
          taskQueue: BROKER_LOGINS_TASK_QUEUE,
          args: [{ connectionId: loginId }],
          signal: brokerLoginChanged,
          staticSummary: 'Keeps a broker login alive',
        }),
      );
    },
  };
}
