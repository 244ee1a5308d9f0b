import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { expect, it } from 'vitest';
import { ARBION_USER } from '../../src/domain/search-attributes.js';
import { devServer, timeSkippingEnvironment } from './temporal.js';

const user = defineSearchAttributeKey(ARBION_USER.name, ARBION_USER.type);
const start = {
  taskQueue: 'nobody-listens',
  workflowId: 'one',
  typedSearchAttributes: new TypedSearchAttributes([{ key: user, value: 'somebody' }]),
};

it('gives every caller a namespace of its own that knows our search attributes', async () => {
  const [one, other] = await Promise.all([devServer(), devServer()]);
  expect(one.namespace).not.toBe(other.namespace);
  const connection = await Connection.connect({ address: one.address });
  for (const { namespace } of [one, other]) {
    const handle = await new Client({ connection, namespace }).workflow.start('any', start);
    expect((await handle.describe()).typedSearchAttributes.get(user)).toBe('somebody');
  }
  await connection.close();
});

it('skips a day in moments, on a server that knows our search attributes', async () => {
  const environment = await timeSkippingEnvironment();
  const before = await environment.currentTimeMs();
  await environment.sleep('1 day');
  expect((await environment.currentTimeMs()) - before).toBeGreaterThanOrEqual(86_400_000);
  await expect(environment.client.workflow.start('any', start)).resolves.toBeDefined();
  await environment.teardown();
}, 300_000);
