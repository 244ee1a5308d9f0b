import type { Answer, Call } from '../api/harness.js';

/** Opens the link of the newest mail to a person who has registered, as its owner does; there is no account before. */
export async function confirmRegistration(
  call: (method: string, path: string, call?: Call) => Promise<Pick<Answer, 'status'>>,
  mails: readonly string[],
): Promise<void> {
  const token = mails.flatMap((mail) => /\/confirm-email#([\w-]{43})/.exec(mail)?.[1] ?? []).at(-1);
  const { status } = await call('POST', '/auth/register/confirm', { body: { token } });
  if (status !== 204) throw new Error(`the address could not be confirmed: ${status}`);
}
