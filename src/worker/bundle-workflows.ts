/** Bundles the workflow code ahead of time, for images whose workers should start at once and write nothing. */

import { workflowBundle } from './workflow-bundle.js';

const { codePath } = await workflowBundle();
process.stdout.write(`${codePath}\n`);
