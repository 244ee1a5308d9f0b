import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createTurns } from '../../src/auth/turns.js';
import { DependencyUnavailable } from '../../src/domain/errors.js';

test('T65 so many run together, so many wait in their order, and the rest are asked to come again', async () => {
  const inTurn = createTurns({ atOnce: 2, waiting: 3 });
  const order: number[] = [];
  let [running, most] = [0, 0];
  const results = await Promise.allSettled(
    Array.from({ length: 10 }, (_, number) =>
      inTurn(async () => {
        order.push(number);
        running += 1;
        most = Math.max(most, running);
        await pause(5);
        running -= 1;
      }),
    ),
  );
  expect(most).toBe(2);
  expect(order).toEqual([0, 1, 2, 3, 4]);
  const refused = results.filter((result) => result.status === 'rejected');
  expect(refused).toHaveLength(5);
  for (const { reason } of refused) expect(reason).toBeInstanceOf(DependencyUnavailable);
});

test('work that fails gives its turn on', async () => {
  const inTurn = createTurns({ atOnce: 1, waiting: 1 });
  const failing = inTurn(() => Promise.reject(new Error('by plan')));
  const next = inTurn(() => Promise.resolve('done'));
  await expect(failing).rejects.toThrow('by plan');
  await expect(next).resolves.toBe('done');
  await expect(inTurn(() => Promise.resolve('again'))).resolves.toBe('again');
});
