import { ApplicationFailure, sleep } from '@temporalio/workflow';
import { UNSEALED } from '../../src/domain/sealed.js';

const PAUSE = '5s';

/** Asks again when somebody else has answered: a rogue worker may poll our queues. For calls that may be repeated. */
export async function untilBelieved<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ApplicationFailure) || error.type !== UNSEALED) throw error;
    }
    await sleep(PAUSE, { summary: 'somebody else has answered' });
  }
}
