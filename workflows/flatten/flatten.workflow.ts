import type { Flattened, FlattenRequest } from '../../activities/contracts.js';
import { flattening } from '../support/activity-profiles.js';
import { untilBelieved } from '../support/until-believed.js';

/** The kill switch closes trades: this runs until every open trade has received the command to close, whatever crashes meanwhile. */
export async function flatten(request: FlattenRequest): Promise<Flattened> {
  return untilBelieved(() => flattening.closeTrades(request));
}
