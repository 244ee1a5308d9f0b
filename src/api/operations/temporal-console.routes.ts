/**
 * Temporal's own console for signed-in administrators, under /temporal/. Its pages and all reads are passed on. Of what
 * they can change only a cancel and a close of a trade are taken, and go the way of the API: Temporal does not ask who
 * calls, so nobody may reach its other writes through here.
 */
import { Hono } from 'hono';
import { ArbionError } from '../../domain/errors.js';
import { type TradeId, tradeWorkflowId } from '../../domain/ids.js';
import { recordAudit } from '../../storage/audit.js';
import type { ApiDependencies } from '../dependencies.js';
import { sessionOf } from '../http/access.js';
import type { AppEnv } from '../http/context.js';
import { jsonBody } from '../http/json-body.js';
import { originOf } from '../http/request-context.js';
import { passOn } from './temporal-console.js';
import { consoleGuard } from './temporal-console-guard.js';

const WORKFLOW = '/api/v1/namespaces/:namespace/workflows/:workflow';
/** The console's buttons, and what each asks of a trade. */
const COMMANDS = {
  [`${WORKFLOW}/cancel`]: 'cancel',
  [`${WORKFLOW}/signal/cancelTrade`]: 'cancel',
  [`${WORKFLOW}/signal/closeTrade`]: 'close',
} as const;
type Command = (typeof COMMANDS)[keyof typeof COMMANDS];

type Dependencies = Pick<ApiDependencies, 'prisma' | 'trades' | 'settings'>;

export function temporalConsoleRoutes(dependencies: Dependencies): Hono<AppEnv> {
  const { publicUrl } = dependencies.settings;
  const routes = new Hono<AppEnv>();
  routes.use('*', consoleGuard(publicUrl));
  for (const [path, command] of Object.entries(COMMANDS)) addCommand(routes, dependencies, path, command);
  routes.post(`${WORKFLOW}/query/:query`, jsonBody, (context) => passOn(context, dependencies.settings));
  routes.get('*', (context) => passOn(context, dependencies.settings));
  routes.all('*', () => {
    throw new ArbionError(
      'forbidden',
      'The console may read, and cancel or close a trade; nothing else.',
      'Use Cancel, or a signal closeTrade or cancelTrade.',
    );
  });
  return routes;
}

/** What the console sends along is not read: the command is for the trade's current run, by whoever is signed in. */
function addCommand(routes: Hono<AppEnv>, dependencies: Dependencies, path: string, command: Command): void {
  const { prisma, trades, settings } = dependencies;
  routes.post(path, async (context) => {
    const { userId } = sessionOf(context);
    const { namespace, workflow = '' } = context.req.param() as { namespace?: string; workflow?: string };
    const tradeId = namespace === settings.temporal.namespace ? await tradeOf(prisma, workflow) : undefined;
    if (tradeId === undefined) throw new ArbionError('not-found', 'This is no trade of Arbion.');
    await recordAudit(prisma, {
      actor: userId,
      action: `trade_${command}_requested`,
      subject: tradeId,
      detail: { through: "Temporal's console" },
      from: originOf(context),
    });
    await trades[command](tradeId, { by: userId, reason: 'manual' });
    return context.json({});
  });
}

const TRADE_WORKFLOW = /^trade-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

async function tradeOf(prisma: Dependencies['prisma'], workflowId: string): Promise<TradeId | undefined> {
  const id = TRADE_WORKFLOW.exec(workflowId)?.[1];
  if (id === undefined || tradeWorkflowId(id as TradeId) !== workflowId) return undefined;
  const row = await prisma.trade.findUnique({ where: { id }, select: { id: true } });
  return row === null ? undefined : (row.id as TradeId);
}
