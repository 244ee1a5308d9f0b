import { condition, continueAsNew, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { BrokerLoginPass } from '../../activities/contracts.js';
import { upkeep } from '../support/activity-profiles.js';
import { untilBelieved } from '../support/until-believed.js';
import { brokerLoginChanged } from './broker-login.messages.js';

interface BrokerLoginInput {
  connectionId: string;
}

/**
 * One per broker login, until the user disconnects the broker. It keeps the credential fresh ahead of its end and
 * warns before a person must log in; what is due when is in `src/domain/broker-login.ts`.
 */
export async function brokerLogin(input: BrokerLoginInput): Promise<void> {
  let hasChanged = false;
  setHandler(brokerLoginChanged, () => {
    hasChanged = true;
  });
  for (;;) {
    hasChanged = false;
    const pass = await untilBelieved(() => upkeep.keepConnection({ connectionId: input.connectionId }));
    setCurrentDetails(card(pass));
    if (pass.state === 'disconnected' && !hasChanged) return;
    await condition(() => hasChanged, pass.nextInMs);
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof brokerLogin>(input);
  }
}

function card({ broker, state, code, nextInMs }: BrokerLoginPass): string {
  const reason = code === null ? '' : ` (${code})`;
  return `${broker}: **${state}**${reason}; next look in ${Math.ceil(nextInMs / 1_000)} s`;
}
