import { readdirSync } from 'node:fs';
import { getPriority } from 'node:os';
import { expect, test } from 'vitest';
import { passwordProblem } from '../../src/auth/password-rules.js';
import { createPasswords } from '../../src/auth/passwords.js';
import { DependencyUnavailable } from '../../src/domain/errors.js';

const GOOD = 'correct horse battery staple';

test('a password is right, and every other is wrong', async () => {
  const passwords = createPasswords();
  const hash = await passwords.hash(GOOD);
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=47104,t=1,p=1\$/);
  expect(await passwords.verify(GOOD, hash)).toBe(true);
  expect(await passwords.verify(`${GOOD} `, hash)).toBe(false);
  expect(await passwords.verify(GOOD, undefined)).toBe(false);
});

test('one letter in two encodings is one letter', async () => {
  const passwords = createPasswords();
  const hash = await passwords.hash('se\u0301ance in the old house');
  expect(await passwords.verify('s\u00e9ance in the old house', hash)).toBe(true);
});

test('T3 a flood waits in a queue that ends, and nobody is forgotten in it', async () => {
  const passwords = createPasswords({ threads: 1, queued: 3 });
  await passwords.verify('', undefined);
  const results = await Promise.allSettled(Array.from({ length: 10 }, () => passwords.hash(GOOD)));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
  for (const result of results) {
    if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(DependencyUnavailable);
  }
  await expect(passwords.hash(GOOD)).resolves.toMatch(/^\$argon2id/);
});

test('T65 a flood is hashed by one thread, which makes way for all others', async () => {
  const passwords = createPasswords({ threads: 1, queued: 64 });
  await passwords.hash(GOOD);
  const before = priorities();
  const hashing = Promise.all(Array.from({ length: 20 }, () => passwords.hash(GOOD)));
  expect(priorities()).toEqual(before);
  await hashing;
  if (process.platform !== 'linux') return;
  const own = getPriority();
  expect(own).toBe(priorities().find(({ thread }) => thread === process.pid)?.priority);
  expect(before.filter(({ priority }) => priority > own || priority === 19).length).toBeGreaterThanOrEqual(1);
});

test('T65 what cannot be hashed is an error of its own, and the lane goes on', async () => {
  const passwords = createPasswords({ threads: 1, queued: 3 });
  await expect(passwords.verify(GOOD, 'no hash at all')).rejects.toThrow('could not be hashed');
  expect(await passwords.verify(GOOD, await passwords.hash(GOOD))).toBe(true);
});

/** Of the threads of this process, where each has its own. */
function priorities(): { thread: number; priority: number }[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc/self/task').map((thread) => ({
    thread: Number(thread),
    priority: getPriority(Number(thread)),
  }));
}

test.each([GOOD, 'пароль с длинными словами', '  spaces count as well  ', '🐎🔋📎🏠🌳🚲🎻🍋🧭🔭🪁🧵🪐🎈🦉'])(
  'accepted: %s',
  (password) => {
    expect(passwordProblem(password, 'gertrude@example.test')).toBeUndefined();
  },
);

test.each([
  'fourteen chars',
  '🐎'.repeat(14),
  'passwordpassword',
  'abcabcabcabcabcabc',
  'I really like Arbion',
  'coinbase is my broker',
  'gertrude has a dog',
  'qwertyuiopasdfghjkl',
  'password1234567890',
  'abcdefghijklmnopqrst',
  ' '.repeat(30),
  'x'.repeat(257),
  'ababababcdefghijk',
  'P@ssw0rdP@ssw0rd!',
  '1q2w3e4r5t6y7u8i',
  'gfhjkmgfhjkmgfhjkm',
  'thisisapassword',
  'sunshineprincess2024',
  'my gertrude.smith!',
])('refused: %s', (password) => {
  expect(passwordProblem(password, 'gertrude@example.test')).toEqual(expect.any(String));
});
