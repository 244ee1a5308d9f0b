/** Sends mail by SMTP where a server is configured, else writes it to a folder for developers. */
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';

interface Mail {
  to: string;
  subject: string;
  text: string;
}

export interface Mailer {
  /** @throws Error when the server does not accept it */
  send(mail: Mail): Promise<void>;
}

/** How to reach a mail server. `mayBePlaintext` allows mail without TLS, for a trusted network. */
export interface SmtpServer {
  url: string;
  mayBePlaintext: boolean;
}

const TIMEOUT_MS = 15_000;

export function createSmtpMailer({ url, mayBePlaintext }: SmtpServer, from: string): Mailer {
  const timeouts = { connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS };
  const transport = createTransport({ url, requireTLS: !mayBePlaintext, ...timeouts });
  return {
    send: async (mail) => {
      await transport.sendMail({ ...mail, from });
    },
  };
}

/** Writes each mail to a file, named by its time, that only its owner can read. */
export function createFileOutbox(directory: string, from: string): Mailer {
  const transport = createTransport({ streamTransport: true, buffer: true });
  return {
    send: async (mail) => {
      const { message } = await transport.sendMail({ ...mail, from });
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await writeFile(join(directory, `${Date.now()}-${randomUUID()}.eml`), message, { mode: 0o600 });
    },
  };
}
