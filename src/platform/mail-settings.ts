/** How mail leaves, from `SMTP_URL` and `MAIL_FROM`. */
import { z } from 'zod';

export interface MailSettings {
  from: string;
  /** absent: mail is written into a folder */
  smtp?: { url: string; mayBePlaintext: boolean };
}

export const mailEnvironment = {
  SMTP_URL: z
    .url({ protocol: /^smtps?$/, error: 'must be smtps://user:password@host:port, or smtp:// for STARTTLS' })
    .optional(),
  MAIL_FROM: z.email('must be an e-mail address').default('arbion@localhost.localdomain'),
};
type MailEnvironment = z.infer<z.ZodObject<typeof mailEnvironment>>;

export function mailSettings(
  { SMTP_URL: url, MAIL_FROM: from }: MailEnvironment,
  mayBePlaintext: (host: string) => boolean,
): MailSettings {
  if (url === undefined) return { from };
  return { from, smtp: { url, mayBePlaintext: mayBePlaintext(new URL(url).hostname) } };
}
