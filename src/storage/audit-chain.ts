/**
 * The chain of the audit record: each row carries the SHA-256 (FIPS 180-4) over the hash of the row before it and its own
 * content, so that nothing can be changed, moved or taken out between two rows without a trace. The database chains
 * (docs/decisions/0013-audit-chain.md); here is its proof, which needs no function of the database.
 */
import { createHash } from 'node:crypto';
import type { PrismaClient } from '../../prisma/generated/client.js';

/** The end of the chain, as somebody keeps it outside of the database. */
export interface AuditHead {
  /** how many rows there are; the first is 1 */
  position: number;
  /** hex */
  hash: string;
}

/** The first row that does not fit. */
interface AuditBreak {
  kind: 'changed' | 'missing' | 'unchained' | 'cut-off';
  /** of the row that is wrong, or of the one behind a gap; absent where none is left */
  id?: string;
  message: string;
}

export interface AuditVerdict {
  rows: number;
  /** of what was found to be right; absent in an empty record */
  head?: AuditHead;
  broken?: AuditBreak;
}

interface ChainedRow {
  id: bigint;
  position: bigint;
  hash: string | null;
  content: string;
}

const PAGE = 1_000;

/** Follows the chain from its first row; `kept` is a head from earlier that must still be on it. */
export async function verifyAuditChain(prisma: PrismaClient, kept?: AuditHead): Promise<AuditVerdict> {
  let head: AuditHead = { position: 0, hash: '' };
  let keptHash: string | undefined;
  const verdict = (broken?: AuditBreak): AuditVerdict => ({
    rows: head.position,
    ...(head.position > 0 && { head }),
    ...(broken && { broken }),
  });
  for await (const row of chainedRows(prisma)) {
    const broken = misfit(row, head);
    if (broken) return verdict(broken);
    head = { position: Number(row.position), hash: linkHash(head.hash, row.content) };
    if (head.position === kept?.position) keptHash = head.hash;
  }
  const unchained = await firstUnchained(prisma);
  if (unchained !== undefined) {
    const message = `row ${unchained} has no place in the chain: it was not written by way of the database's triggers`;
    return verdict({ kind: 'unchained', id: unchained, message });
  }
  return verdict(kept && keptHash !== kept.hash ? lostHead(kept, keptHash !== undefined) : undefined);
}

/** The end of the chain now, unverified. */
export async function auditHead(prisma: PrismaClient): Promise<AuditHead | undefined> {
  const last = await prisma.auditEvent.findFirst({ where: { position: { gt: 0 } }, orderBy: { position: 'desc' } });
  if (!last?.hash) return undefined;
  return { position: Number(last.position), hash: last.hash };
}

/** `12:9f86…`, as it is kept in a log or a note. */
export function headText({ position, hash }: AuditHead): string {
  return `${position}:${hash}`;
}

/** @throws RangeError when the text is no head */
export function parseHead(text: string): AuditHead {
  const [, position, hash] = /^([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (position === undefined || hash === undefined) throw new RangeError(`"${text}" is no head of an audit record`);
  return { position: Number(position), hash };
}

function misfit({ id, position, hash, content }: ChainedRow, before: AuditHead): AuditBreak | undefined {
  const next = before.position + 1;
  if (position !== BigInt(next)) {
    const message = `position ${next} is missing: a row before row ${id} (position ${position}) was taken out or moved`;
    return { kind: 'missing', id: String(id), message };
  }
  if (hash === linkHash(before.hash, content)) return undefined;
  const message = `row ${id} (position ${position}) is not what was written: it was changed, or moved here`;
  return { kind: 'changed', id: String(id), message };
}

function lostHead({ position }: AuditHead, isThere: boolean): AuditBreak {
  const message = isThere
    ? `position ${position} has another hash than the one that was kept: the record was written anew`
    : `the record ends before position ${position}, which it had: its end was cut off`;
  return { kind: 'cut-off', message };
}

function linkHash(previous: string, content: string): string {
  return createHash('sha256').update(previous).update(content).digest('hex');
}

/** In the order of the chain, a page at a time. `content` is Postgres's own normal form of JSON, as the trigger hashes it. */
async function* chainedRows(prisma: PrismaClient): AsyncGenerator<ChainedRow> {
  let last = { position: 0n, id: 0n };
  let rows: ChainedRow[];
  do {
    rows = await prisma.$queryRaw<ChainedRow[]>`
      SELECT id, position, hash, jsonb_build_array(
        position, id, (extract(epoch FROM at) * 1000)::bigint, actor, action, subject, detail
      )::text AS content
      FROM audit_events WHERE (position, id) > (${last.position}, ${last.id}) AND position > 0
      ORDER BY position, id LIMIT ${PAGE}`;
    yield* rows;
    last = rows.at(-1) ?? last;
  } while (rows.length === PAGE);
}

async function firstUnchained(prisma: PrismaClient): Promise<string | undefined> {
  const where = { OR: [{ position: null }, { position: { lt: 1 } }] };
  const first = await prisma.auditEvent.findFirst({ where, orderBy: { id: 'asc' } });
  return first?.id.toString();
}
