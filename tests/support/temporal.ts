import { TestWorkflowEnvironment } from '@temporalio/testing';
import { inject } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../src/domain/search-attributes.js';
import { nextNumber } from './database.js';
import { namespaceCount, namespaceName } from './names.js';
import { timeSkippingServer } from './time-skipping-server.js';

/** The run's dev server, with a namespace that nobody else uses: task queues and workflow ids can't collide. */
export async function devServer(): Promise<{ address: string; namespace: string }> {
  const number = await nextNumber('namespaces');
  if (number > namespaceCount) throw new Error(`More than ${namespaceCount} namespaces: raise namespaceCount.`);
  return { address: inject('temporalAddress'), namespace: namespaceName(number) };
}

/**
 * A server of its own that skips timers while a workflow's result is awaited. Time is one for all its workflows, so use
 * one per test file, its tests in series, and tear it down. It can't list workflows, reset them, or run schedules.
 */
export async function timeSkippingEnvironment(): Promise<TestWorkflowEnvironment> {
  const environment = await startTimeSkipping();
  await environment.connection.operatorService.addSearchAttributes({
    namespace: environment.namespace ?? 'default',
    searchAttributes: Object.fromEntries(SEARCH_ATTRIBUTES.map(({ name, type }) => [name, attributeCodes[type]])),
  });
  return environment;
}

/** The SDK waits 5 s for the server to listen, which on a busy machine a Java process may take longer than. */
async function startTimeSkipping(attempts = 3): Promise<TestWorkflowEnvironment> {
  const executable = await timeSkippingServer();
  try {
    return await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
  } catch (error) {
    if (attempts === 1) throw error;
    return startTimeSkipping(attempts - 1);
  }
}

/** The wire's numbers for the types that we use. */
const attributeCodes = { KEYWORD: 2, INT: 3 } as const;
