/** Mail by SMTP, against a real server, and into a folder. */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { afterEach, expect, test } from 'vitest';
import { createFileOutbox, createSmtpMailer } from '../../src/mail/mailer.js';

const MAIL = { to: 'trader@example.test', subject: 'A subject', text: 'A text with a link:\n\nhttp://x.test/#token\n' };
const FROM = 'arbion@example.test';

let closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing) await close();
  closing = [];
});

/** A mail server that keeps what it takes. `disabledCommands` as of smtp-server. */
async function smtpServer(disabledCommands: string[]) {
  const taken: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands,
    onData: (stream, _session, done) => {
      let text = '';
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      stream.on('end', () => {
        taken.push(text);
        done();
      });
    },
  });
  // A client that goes away in the middle is no failure of the server's.
  server.on('error', () => {});
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  closing.push(() => new Promise<void>((closed) => server.close(closed)));
  return { taken, url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}` };
}

test('a mail server takes it', async () => {
  const { taken, url } = await smtpServer(['STARTTLS']);
  await createSmtpMailer({ url, mayBePlaintext: true }, FROM).send(MAIL);
  expect(taken).toHaveLength(1);
  expect(taken[0]).toMatch(/^From: arbion@example\.test\r\nTo: trader@example\.test\r\nSubject: A subject\r\n/);
  expect(taken[0]).toContain('http://x.test/#token');
});

test('where encryption is asked for, none leaves without it', async () => {
  const { taken, url } = await smtpServer(['STARTTLS']);
  await expect(createSmtpMailer({ url, mayBePlaintext: false }, FROM).send(MAIL)).rejects.toThrow();
  expect(taken).toEqual([]);
});

test('a certificate that nobody vouches for is refused', async () => {
  const { taken, url } = await smtpServer([]);
  await expect(createSmtpMailer({ url, mayBePlaintext: false }, FROM).send(MAIL)).rejects.toThrow(/certificate/i);
  expect(taken).toEqual([]);
});

test('without a server it becomes a file that only its owner reads', async () => {
  const home = await mkdtemp(join(tmpdir(), 'arbion-mail-'));
  closing.push(() => rm(home, { recursive: true, force: true }));
  const directory = join(home, 'outbox');
  const outbox = createFileOutbox(directory, FROM);
  await outbox.send(MAIL);
  await outbox.send({ ...MAIL, subject: 'Injected\r\nBcc: everybody@example.test' });
  const [first = '', second = ''] = (await readdir(directory)).sort();
  expect((await stat(join(directory, first))).mode & 0o777).toBe(0o600);
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
  const texts = [await readFile(join(directory, first), 'utf8'), await readFile(join(directory, second), 'utf8')];
  for (const text of texts) {
    expect(text).toContain('To: trader@example.test');
    expect(text).not.toMatch(/^Bcc:/m);
  }
});
