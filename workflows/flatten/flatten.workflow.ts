import type { FlattenRequest } from '../../activities/contracts.js';
import { flattening } from '../support/activity-profiles.js';

/** The kill switch's order to sell: it stands until every open trade has been told to close, whatever dies meanwhile. */
export async function flatten(request: FlattenRequest): Promise<number> {
  return flattening.closeTrades(request);
}
