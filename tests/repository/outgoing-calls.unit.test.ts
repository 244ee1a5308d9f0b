import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { importsOf, typeScriptFiles } from './source-files.js';

/** Who calls out, and to whom. None of these addresses is one that a user gave the API. */
const CALLERS: Readonly<Record<string, string>> = {
  'src/wire/http.ts': 'brokers, at their configured addresses',
  'src/wire/stream.ts': 'the same, as streams',
  'src/oauth/oauth2-client.ts': "brokers' authorization servers, at their configured addresses",
  'src/market-data/coinbase-feed.ts': 'the price feed',
  'src/mail/mailer.ts': 'the configured mail server',
  'src/launcher/sample-trade.ts': 'the API that it started',
  'src/launcher/installation.ts': 'the API that it started',
  'src/cli/api-client.ts': 'the API, from the own machine of the user',
  'src/cli/commands/audit.ts': 'the ledger that an operator names, from the own machine',
};

/** Clients; servers and parts of addresses come from the same modules. */
const CALLING_MODULES = ['node:https', 'node:http2', 'node:tls', 'node:dgram', 'ws', 'oauth4webapi', 'nodemailer'];
const CALLING_CODE = /(?<![.\w])fetch\(|\bnew WebSocket\(|\b(?:http|net)\.(?:request|get|connect)\(/;

it('B89 T37 only those call out who call none of the addresses that users give', () => {
  const files = typeScriptFiles('src', 'activities', 'workflows').filter((file) => !file.startsWith('src/simulator/'));
  const calling = files.filter(
    (file) =>
      CALLING_CODE.test(readFileSync(file, 'utf8')) ||
      importsOf(file).some(({ target, isTypeOnly }) => CALLING_MODULES.includes(target) && !isTypeOnly),
  );
  expect(new Set(calling)).toEqual(new Set(Object.keys(CALLERS)));
});
