/** What people are told about their accounts: above all what they did not do themselves. */
import type { Background } from '../platform/background.js';
import type { Mailer } from './mailer.js';

export type Notice =
  | 'new-device'
  | 'password-changed'
  | 'totp-on'
  | 'totp-off'
  | 'recovery-codes-renewed'
  | 'recovery-code-used';

const SENTENCES: Record<Notice, string> = {
  'new-device': 'Somebody signed in to your account from a device that was not used before.',
  'password-changed': 'The password of your account was changed. All sessions were ended.',
  'totp-on': 'An authenticator was set up for your account.',
  'totp-off': 'Your account no longer asks for one-time codes.',
  'recovery-codes-renewed': 'Your account has new recovery codes. The old ones no longer work.',
  'recovery-code-used': 'A recovery code was used to sign in to your account.',
};

export interface Notices {
  /** Tells the owner of an account, without anybody waiting for it. `address` is from where it was done. */
  tell(to: string, notice: Notice, address: string): void;
  /** The link by which a forgotten password is replaced. */
  sendResetLink(to: string, token: string): Promise<void>;
}

export function createNotices(mailer: Mailer, background: Background, publicUrl: string): Notices {
  return {
    tell: (to, notice, address) =>
      background.run('a notice by mail', () =>
        mailer.send({
          to,
          subject: `Arbion: ${SENTENCES[notice].split('. ')[0]?.replace(/\.$/, '')}`,
          text: `${SENTENCES[notice]}\n\nIt was done from ${address}, at ${new Date().toISOString()}.\n\nIf that was not you, set a new password at once, which ends all sessions: npx arbion reset-password, for ${publicUrl}.\n`,
        }),
      ),
    sendResetLink: (to, token) =>
      mailer.send({
        to,
        subject: 'Arbion: a new password',
        // Behind the # it is sent to no server, and so stands in no log.
        text: `Somebody, we hope you, wants a new password for your account at Arbion. Set it here within half an hour:\n\n${publicUrl}/reset-password#${token}\n\nWithout a browser: npx arbion reset-password, which asks for what stands behind the #.\n\nIf it was not you, do nothing: your password stays.\n`,
      }),
  };
}
