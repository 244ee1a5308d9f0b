import { setTimeout as pause } from 'node:timers/promises';

/** Asks until the answer is yes. @throws after `timeoutMs`, naming what was waited for. */
export async function eventually(
  isSo: () => Promise<boolean | undefined> | boolean | undefined,
  what: string,
  timeoutMs = 30_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`did not come about in ${timeoutMs / 1000} s: ${what}`);
    await pause(50);
  }
}
