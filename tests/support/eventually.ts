import { setTimeout as pause } from 'node:timers/promises';

/** Waits until the condition holds. @throws after `timeoutMs`, naming the condition. */
export async function eventually(
  isSo: () => Promise<boolean | undefined> | boolean | undefined,
  what: string,
  timeoutMs = 30_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs / 1000} s: ${what}`);
    await pause(50);
  }
}
