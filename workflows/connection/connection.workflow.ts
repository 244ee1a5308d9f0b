import { condition, continueAsNew, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { ConnectionPass } from '../../activities/contracts.js';
import { upkeep } from '../support/activity-profiles.js';
import { connectionChanged } from './connection.messages.js';

export interface ConnectionInput {
  connectionId: string;
}

/**
 * One per connection to a broker, for as long as it is not given up. It keeps the credential fresh ahead of its end and
 * warns before a person must log in; what is due when is in `src/domain/connection.ts`.
 */
export async function connection(input: ConnectionInput): Promise<void> {
  let hasChanged = false;
  setHandler(connectionChanged, () => {
    hasChanged = true;
  });
  for (;;) {
    hasChanged = false;
    const pass = await upkeep.keepConnection({ connectionId: input.connectionId });
    setCurrentDetails(card(pass));
    if (pass.state === 'disconnected' && !hasChanged) return;
    await condition(() => hasChanged, pass.nextInMs);
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof connection>(input);
  }
}

function card({ broker, state, code, nextInMs }: ConnectionPass): string {
  const reason = code === null ? '' : ` (${code})`;
  return `${broker}: **${state}**${reason}; next look in ${Math.ceil(nextInMs / 1_000)} s`;
}
