import type { Alert, PrismaClient } from '../../prisma/generated/client.js';
import type { UserId } from '../domain/ids.js';
import type { Page } from './trade-queries.js';

/** A user's alerts, newest first; `withSystem` adds those that concern no user. */
export async function alertsOf(
  prisma: PrismaClient,
  userId: UserId,
  page: { limit: number; before?: bigint; withSystem: boolean },
): Promise<Page<Alert>> {
  const owner = page.withSystem ? { OR: [{ userId }, { userId: null }] } : { userId };
  const rows = await prisma.alert.findMany({
    where: { ...owner, ...(page.before === undefined ? {} : { id: { lt: page.before } }) },
    orderBy: { id: 'desc' },
    take: page.limit + 1,
  });
  return { items: rows.slice(0, page.limit), hasMore: rows.length > page.limit };
}
