/** Alerts that are of an account, not of one of its trades. */
import type { PrismaClient } from '../../prisma/generated/client.js';
import type { Alert } from '../domain/trade/journal.js';

/** To the account's owner; to operators where no trade shows who that is. */
export async function raiseAccountAlert(prisma: PrismaClient, account: string, alert: Alert): Promise<void> {
  const userId = await ownerOf(prisma, account);
  await prisma.alert.createMany({ data: { ...alert, userId }, skipDuplicates: true });
}

/** The same to the owner and to operators. */
export async function raiseAccountAlertToAll(prisma: PrismaClient, account: string, alert: Alert): Promise<void> {
  await raiseAccountAlert(prisma, account, alert);
  await prisma.alert.createMany({ data: { ...alert, key: `${alert.key}:operators` }, skipDuplicates: true });
}

/** An account's trades are its owner's. */
async function ownerOf(prisma: PrismaClient, account: string): Promise<string | null> {
  const trade = await prisma.trade.findFirst({ where: { account }, select: { userId: true } });
  return trade?.userId ?? null;
}
