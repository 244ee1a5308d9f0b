import { ApplicationFailure } from '@temporalio/activity';
import { isSealed } from '../src/domain/sealed.js';

interface Execution {
  args: unknown[];
}

/** Activities do only what workflows of ours ask for: whoever reaches the Temporal server can schedule them. An interceptor. */
export const sealedInputs = () => ({
  inbound: {
    execute: async <Input extends Execution>(input: Input, next: (input: Input) => Promise<unknown>) => {
      if (input.args.every(isSealed)) return next(input);
      const message = 'The input was not encrypted with a key of this installation.';
      throw ApplicationFailure.nonRetryable(message, 'Unsealed');
    },
  },
});
