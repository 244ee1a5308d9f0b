import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { asPerson } from '../as-person.js';
import { type CliContext, print } from '../context.js';
import { brokerSecretOf } from '../session.js';

const HELP = `
For brokers where you create API keys yourself, such as Alpaca and Coinbase. Asks for the secret, or reads it from a file
or from ARBION_BROKER_SECRET. Arbion checks the key at the broker and keeps it sealed. Also asks for your Arbion password,
or reads it from ARBION_PASSWORD.

Examples:
  $ arbion keys alpaca --key-id PKX2T5M9Q0
  $ arbion keys coinbase --key-id organizations/1a2b/apiKeys/3c4d --secret-file coinbase.pem`;

interface KeyOptions {
  keyId: string;
  secretFile?: string;
  email?: string;
}

export function addKeys(program: Command, context: CliContext): void {
  const command = program
    .command('keys')
    .description('connect a broker with API keys that you created there')
    .argument('<broker>', 'schwab, coinbase, etrade or alpaca')
    .requiredOption('--key-id <id>', 'the id or the name of the key')
    .option('--secret-file <file>', 'a file with the secret of the key')
    .option('--email <address>', 'your e-mail address at Arbion (default: that of the last login)')
    .addHelpText('after', HELP);
  command.action(async (broker: string, { keyId, secretFile, email }: KeyOptions) => {
    const secret = secretFile === undefined ? await brokerSecretOf(context.env) : await readFile(secretFile, 'utf8');
    await asPerson(context, email, async ({ api, cookie }) => {
      const body = { keyId, secret: secret.trim() };
      const { json } = await api.call('PUT', `/brokers/${encodeURIComponent(broker)}/credentials`, { cookie, body });
      print(context, command, json, () => `${broker} is connected.`);
    });
  });
}
