/** Mails to users about their accounts, above all about actions that they may not have taken themselves. */
import type { Background } from '../platform/background.js';
import type { Mailer } from './mailer.js';

export type Notice =
  | 'new-device'
  | 'password-changed'
  | 'password-changed-all-revoked'
  | 'totp-on'
  | 'totp-off'
  | 'recovery-codes-renewed'
  | 'recovery-code-used';

const SENTENCES: Record<Notice, string> = {
  'new-device': 'Your account was used to sign in from a new device.',
  'password-changed': 'The password of your account was changed. All sessions have ended.',
  'password-changed-all-revoked':
    'The password of your account was changed. All sessions have ended, all tokens and webhooks were revoked, and known browsers were forgotten.',
  'totp-on': 'An authenticator was set up for your account.',
  'totp-off': 'Your account no longer asks for one-time codes.',
  'recovery-codes-renewed': 'Your account has new recovery codes. The old ones no longer work.',
  'recovery-code-used': 'A recovery code was used to sign in to your account.',
};

export interface Notices {
  /** Notifies the owner of an account in the background. `address` is where the action came from. */
  notify(to: string, notice: Notice, address: string): void;
  /** The link to reset a forgotten password. */
  sendResetLink(to: string, token: string): Promise<void>;
}

export function createNotices(mailer: Mailer, background: Background, publicUrl: string): Notices {
  return {
    notify: (to, notice, address) =>
      background.run('a notification mail', () =>
        mailer.send({
          to,
          subject: `Arbion: ${SENTENCES[notice].split('. ')[0]?.replace(/\.$/, '')}`,
          text: `${SENTENCES[notice]}\n\nAddress: ${address}\nTime: ${new Date().toISOString()}\nServer: ${publicUrl}\n\nIf this was not you, reset your password now with "npx arbion reset-password". That also ends all sessions.\n`,
        }),
      ),
    sendResetLink: (to, token) =>
      mailer.send({
        to,
        subject: 'Arbion: reset your password',
        // Browsers do not send what follows the #, so the token is in no log.
        text: `A password reset was requested for your Arbion account. Open this link within 30 minutes to set a new password:\n\n${publicUrl}/reset-password#${token}\n\nWithout a browser, run "npx arbion reset-password" and enter the part after the #.\n\nIf you did not request this, ignore this message. Your password has not changed.\n`,
      }),
  };
}
