import type { Alert, PrismaClient } from '../../prisma/generated/client.js';
import type { UserId } from '../domain/ids.js';
import type { Page } from './trade-queries.js';

/** Whose alerts: a user's, and with `withSystem` those that concern no user as well. */
export interface AlertReader {
  userId: UserId;
  withSystem: boolean;
}

interface AlertPage {
  limit: number;
  before?: bigint;
  /** only those that a person has acknowledged, or only those that nobody has */
  acknowledged?: boolean;
}

/** Newest first. */
export async function alertsOf(prisma: PrismaClient, reader: AlertReader, page: AlertPage): Promise<Page<Alert>> {
  const { limit, before, acknowledged } = page;
  const rows = await prisma.alert.findMany({
    where: {
      ...visibleTo(reader),
      ...(before === undefined ? {} : { id: { lt: before } }),
      ...(acknowledged === undefined ? {} : { acknowledgedAt: acknowledged ? { not: null } : null }),
    },
    orderBy: { id: 'desc' },
    take: limit + 1,
  });
  return { items: rows.slice(0, limit), hasMore: rows.length > limit };
}

/** The first acknowledgement stays. Undefined when there is no such alert for the reader. */
export async function acknowledgeAlert(
  prisma: PrismaClient,
  reader: AlertReader,
  id: bigint,
): Promise<Alert | undefined> {
  const where = { ...visibleTo(reader), id };
  await prisma.alert.updateMany({
    where: { ...where, acknowledgedAt: null },
    data: { acknowledgedAt: new Date(), acknowledgedBy: reader.userId },
  });
  return (await prisma.alert.findFirst({ where })) ?? undefined;
}

function visibleTo({ userId, withSystem }: AlertReader) {
  return withSystem ? { OR: [{ userId }, { userId: null }] } : { userId };
}
