import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import type { BrokerLedger, Finding } from '../../audit/facts.js';
import { type CliContext, print } from '../context.js';
import { fromSource } from '../from-source.js';
import { table } from '../text.js';

const HELP = `
Compares every order, execution and position in the broker's ledger with the database that DATABASE_URL names. Changes
nothing. The exit code is 1 when anything differs.

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
          feeInKind: z.string().optional(),
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
    .description("compare the database with the broker's ledger")
    .option('--ledger <url>', 'URL or file of the ledger (default: the paper ledger, from the API)')
    .option('--broker <name>', 'the broker whose trades to compare', 'paper')
    .addHelpText('after', HELP);
  command.action(async ({ ledger: url, broker }: AuditOptions) => {
    const ledger = ledgerShape.parse(
      url === undefined ? (await context.api().get('/brokers/paper/ledger')).json : await readLedger(url),
    );
    const { auditLedger } = await fromSource(() => import('../local/audit.js'));
    const findings = await auditLedger(context.env, ledger as BrokerLedger, broker);
    print(context, command, { findings }, () => findingsText(findings, ledger.orders.length));
    if (findings.length > 0) throw new Error(`Found ${findings.length} differences.`);
  });
}

async function readLedger(place: string): Promise<unknown> {
  if (!/^https?:/.test(place)) return JSON.parse(await readFile(place, 'utf8'));
  const response = await fetch(place);
  if (!response.ok) throw new Error(`${place} answered ${response.status}`);
  return response.json();
}

function findingsText(findings: Finding[], orders: number): string {
  if (findings.length === 0) return `${orders} orders at the broker; no differences.`;
  return table(
    ['invariant', 'of', 'evidence'],
    findings.map(({ invariant, subject, evidence }) => [invariant, subject, evidence]),
  );
}
