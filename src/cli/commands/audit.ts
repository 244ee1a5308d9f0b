import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { ofAccountsShown } from '../../audit/attribution.js';
import { audit } from '../../audit/audit.js';
import type { BrokerLedger, Finding } from '../../audit/facts.js';
import { loadConfig } from '../../platform/config.js';
import { settingsFromHome } from '../../platform/home.js';
import { auditFacts } from '../../storage/audit-facts.js';
import { createDatabase } from '../../storage/database.js';
import { type CliContext, print } from '../context.js';
import { table } from '../text.js';

const HELP = `
Compares the broker's own ledger with the database: every order, every execution, every position. Reads only. The exit
code is not 0 when anything does not agree.

Examples:
  $ arbion audit
  $ arbion audit --ledger http://127.0.0.1:8100/control/ledger --broker schwab --json`;

const ledgerShape = z.looseObject({
  orders: z.array(
    z.looseObject({
      account: z.string(),
      orderId: z.string(),
      clientOrderId: z.string().optional(),
      symbol: z.string(),
      side: z.string(),
      type: z.string(),
      quantity: z.string(),
      status: z.string(),
      events: z.array(
        z.looseObject({
          at: z.string(),
          kind: z.string(),
          quantity: z.string().optional(),
          price: z.string().optional(),
          executionId: z.string().optional(),
        }),
      ),
    }),
  ),
  positions: z.array(z.looseObject({ account: z.string(), symbol: z.string(), quantity: z.string() })),
});

interface AuditOptions {
  ledger?: string;
  broker: string;
}

export function addAudit(program: Command, context: CliContext): void {
  const command = program
    .command('audit')
    .description("hold the database against the broker's own ledger")
    .option('--ledger <url>', 'where the ledger is read; the API’s paper ledger unless given')
    .option('--broker <name>', 'whose trades to audit', 'paper')
    .addHelpText('after', HELP);
  command.action(async ({ ledger: url, broker }: AuditOptions) => {
    const ledger = ledgerShape.parse(
      url === undefined ? (await context.api().get('/brokers/paper/ledger')).json : await readLedger(url),
    );
    const findings = await findingsOf(context.env, ledger as BrokerLedger, broker);
    print(context, command, { findings }, () => findingsText(findings, ledger.orders.length));
    if (findings.length > 0) throw new Error(`${findings.length} findings.`);
  });
}

async function readLedger(place: string): Promise<unknown> {
  if (!/^https?:/.test(place)) return JSON.parse(await readFile(place, 'utf8'));
  const response = await fetch(place);
  if (!response.ok) throw new Error(`${place} answered ${response.status}`);
  return response.json();
}

async function findingsOf(env: NodeJS.ProcessEnv, ledger: BrokerLedger, broker: string): Promise<Finding[]> {
  const { databaseUrl } = loadConfig(settingsFromHome(env), ['databaseUrl']);
  const database = createDatabase(databaseUrl);
  try {
    return audit(ofAccountsShown({ ...(await auditFacts(database.prisma, broker)), ledger }));
  } finally {
    await database.close();
  }
}

function findingsText(findings: Finding[], orders: number): string {
  if (findings.length === 0) return `${orders} orders at the broker, nothing wrong.`;
  return table(
    ['invariant', 'of', 'evidence'],
    findings.map(({ invariant, subject, evidence }) => [invariant, subject, evidence]),
  );
}
