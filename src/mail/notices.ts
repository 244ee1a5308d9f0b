/** Mails to users about their accounts, above all about actions that they may not have taken themselves. */
import type { Background } from '../platform/background.js';
import type { Mailer } from './mailer.js';

export type Notice =
  | 'new-device'
  | 'password-changed'
  | 'password-changed-all-revoked'
  | 'second-factor-missing'
  | 'second-factor-wrong'
  | 'totp-on'
  | 'totp-off'
  | 'recovery-codes-renewed'
  | 'recovery-code-used'
  | 'token-created'
  | 'webhook-created'
  | 'broker-connected'
  | 'limits-changed';

interface Message {
  says: string;
  /** what to do when somebody else did it */
  ifNotYou: string;
}

const NEW_PASSWORD =
  'set a new password now with "npx arbion reset-password". ' +
  'That also ends all sessions, revokes all tokens and webhooks, and forgets known browsers.';
const NEW_AUTHENTICATOR = 'Then set up an authenticator anew with "npx arbion authenticator".';

const MESSAGES: Record<Notice, Message> = {
  'new-device': { says: 'Your account was used to sign in from a new device.', ifNotYou: NEW_PASSWORD },
  'password-changed': {
    says: 'The password of your account was changed. All sessions have ended.',
    ifNotYou: NEW_PASSWORD,
  },
  'password-changed-all-revoked': {
    says: 'The password of your account was changed. All sessions have ended, all tokens and webhooks were revoked, and known browsers were forgotten.',
    ifNotYou: `somebody reads your mail or knew your password: secure the mailbox first, then ${NEW_PASSWORD}`,
  },
  'second-factor-missing': {
    says: 'Your password was given to sign in, but not the code of your authenticator. Nobody was let in.',
    ifNotYou: `or if no log-in of yours followed, somebody knows your password: ${NEW_PASSWORD}`,
  },
  'second-factor-wrong': {
    says: 'Your password was given to sign in, with a wrong code. Nobody was let in.',
    ifNotYou: `somebody knows your password: ${NEW_PASSWORD}`,
  },
  'totp-on': {
    says: 'An authenticator was set up for your account.',
    ifNotYou:
      'ask an administrator at once to disable your account: nobody signs in without that authenticator, ' +
      'and a new password alone does not remove it.',
  },
  'totp-off': {
    says: 'Your account no longer asks for one-time codes.',
    ifNotYou: `${NEW_PASSWORD} ${NEW_AUTHENTICATOR}`,
  },
  'recovery-codes-renewed': {
    says: 'Your account has new recovery codes. The old ones no longer work.',
    ifNotYou: `somebody holds codes that let them in: ${NEW_PASSWORD} ${NEW_AUTHENTICATOR}`,
  },
  'recovery-code-used': {
    says: 'A recovery code was used to sign in to your account.',
    ifNotYou: `${NEW_PASSWORD} ${NEW_AUTHENTICATOR}`,
  },
  'token-created': {
    says: 'An API token was created for your account.',
    ifNotYou: `revoke it (DELETE /api/v1/tokens/{id}), or ${NEW_PASSWORD}`,
  },
  'webhook-created': {
    says: 'A webhook was created for your account: whoever has its secret can start trades.',
    ifNotYou: `delete it with "npx arbion webhooks delete" ("npx arbion webhooks" lists them), or ${NEW_PASSWORD}`,
  },
  'broker-connected': {
    says: 'A broker login was added to your account.',
    ifNotYou: `remove it with "npx arbion brokers disconnect", and ${NEW_PASSWORD}`,
  },
  'limits-changed': {
    says: 'The limits of your account were changed.',
    ifNotYou: `set them back (PUT /api/v1/risk/limits), and ${NEW_PASSWORD}`,
  },
};

export interface Notices {
  /**
   * Notifies the owner of an account in the background. `address` is where the action came from. `about` adds lines in words
   * of ours: nothing that the caller has written, or the mail could say anything in our name.
   */
  notify(to: string, notice: Notice, address: string, about?: readonly string[]): void;
  /** The link to reset a forgotten password. */
  sendResetLink(to: string, token: string): Promise<void>;
  /** The link that confirms the address of a registration. */
  sendConfirmLink(to: string, token: string): Promise<void>;
}

export function createNotices(mailer: Mailer, background: Background, publicUrl: string): Notices {
  return {
    notify: (to, notice, address, about = []) => {
      const { says, ifNotYou } = MESSAGES[notice];
      const facts = [...about, `Address: ${address}`, `Time: ${new Date().toISOString()}`, `Server: ${publicUrl}`];
      const text = [says, facts.join('\n'), `If this was not you, ${ifNotYou}`].join('\n\n');
      const subject = `Arbion: ${says.split('. ')[0]?.replace(/\.$/, '')}`;
      background.run('a notification mail', () => mailer.send({ to, subject, text: `${text}\n` }));
    },
    sendConfirmLink: (to, token) =>
      mailer.send({
        to,
        subject: 'Arbion: confirm your address',
        text: `Somebody registered at Arbion with this address. If it was you, open this link within 7 days to create the account:\n\n${publicUrl}/confirm-email#${token}\n\nIf this was not you, do not open it: without it there will be no account.\n`,
      }),
    sendResetLink: (to, token) =>
      mailer.send({
        to,
        subject: 'Arbion: reset your password',
        // Browsers do not send what follows the #, so the token is in no log.
        text: `A password reset was requested for your Arbion account. Open this link within 30 minutes to set a new password:\n\n${publicUrl}/reset-password#${token}\n\nWithout a browser, run "npx arbion reset-password" and enter the part after the #.\n\nIf you did not request this, ignore this message. Your password has not changed.\n`,
      }),
  };
}
