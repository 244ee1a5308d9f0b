import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';
import { lastHeartbeat } from '../../activities/last-heartbeat.js';

const among = (heartbeatDetails: unknown) =>
  new MockActivityEnvironment({ heartbeatDetails }).run(async () => lastHeartbeat());

test('T79 what a rogue worker has heartbeaten is not believed: a trade counts as reached only when we have reached it', async () => {
  expect(await among(['a trade'])).toBeUndefined();
  expect(await among('a trade')).toBeUndefined();
  expect(await among(undefined)).toBeUndefined();
});

test('what the attempt before has heartbeaten goes on', async () => {
  const details = Object.defineProperty(['a trade'], Symbol.for('arbion.sealed'), { value: true });
  expect(await among(details)).toEqual(['a trade']);
});
