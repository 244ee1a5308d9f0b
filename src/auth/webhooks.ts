/** Webhooks: where strategies send signals, and how a signal is authenticated. */
import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { Webhook as StandardWebhook, WebhookVerificationError } from 'standardwebhooks';
import type { PrismaClient, Webhook as StoredWebhook } from '../../prisma/generated/client.js';
import { Refused } from '../domain/errors.js';
import type { UserId } from '../domain/ids.js';
import { ofWebhook } from '../vault/bindings.js';
import type { Vault } from '../vault/vault.js';
import { lockSignedIn } from './sessions.js';

/** `signed`: each signal is signed (Standard Webhooks). `secret_in_body`: for senders that can't, such as TradingView. */
export const WEBHOOK_KINDS = ['signed', 'secret_in_body'] as const;
type WebhookKind = (typeof WEBHOOK_KINDS)[number];

export type Webhook = Omit<StoredWebhook, 'userId' | 'kind' | 'sealed'> & { userId: UserId; kind: WebhookKind };

interface NewWebhook {
  name: string;
  kind: WebhookKind;
  strategy: string;
  /** the session that asks for it */
  sessionId?: string;
}

/** The headers of Standard Webhooks (github.com/standard-webhooks/standard-webhooks), as they came. */
interface SignatureHeaders {
  'webhook-id': string;
  'webhook-timestamp': string;
  'webhook-signature': string;
}

/** How a signal is authenticated. */
export type SignalProof =
  | { kind: 'signed'; headers: SignatureHeaders; body: Buffer }
  | { kind: 'secret_in_body'; secret: string };

export interface Webhooks {
  /**
   * Only here is the secret returned.
   * @throws Refused `conflict` WEBHOOK_LIMIT when the user has the maximum number of webhooks
   */
  create(userId: UserId, webhook: NewWebhook): Promise<{ secret: string; webhook: Webhook }>;
  list(userId: UserId): Promise<Webhook[]>;
  /** Deletes the secret, so that signals are no longer accepted. Returns false when the user has no such webhook. */
  remove(userId: UserId, id: string): Promise<boolean>;
  /** The webhook of an authentic signal, or undefined. An unknown webhook takes as long as a wrong proof. */
  authenticate(id: string, proof: SignalProof): Promise<Webhook | undefined>;
}

const MOST_PER_USER = 20;
const SECRET_BYTES = 32;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function createWebhooks(prisma: PrismaClient, vault: Vault): Webhooks {
  const sealNew = (id: string, userId: string) => {
    const secret = `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
    return { secret, sealed: Buffer.from(vault.seal(secret, ofWebhook({ id, userId }))) };
  };
  const owned = (userId: UserId) => ({ userId, sealed: { not: null } });

  const unknown = { id: randomUUID(), userId: randomUUID() };
  const decoy = { ...unknown, sealed: sealNew(unknown.id, unknown.userId).sealed };

  return {
    create: async (userId, { sessionId, ...webhook }) => {
      const id = randomUUID();
      const { secret, sealed } = sealNew(id, userId);
      const stored = await prisma.$transaction(async (database) => {
        // Serialised by user, so that two at once cannot exceed the limit together.
        await lockSignedIn(database, userId, sessionId);
        if ((await database.webhook.count({ where: owned(userId) })) >= MOST_PER_USER) throw tooMany();
        return database.webhook.create({ data: { id, userId, ...webhook, sealed } });
      });
      return { secret, webhook: toWebhook(stored) };
    },

    list: async (userId) => {
      const stored = await prisma.webhook.findMany({ where: owned(userId), orderBy: { createdAt: 'asc' } });
      return stored.map(toWebhook);
    },

    remove: async (userId, id) => {
      const { count } = await prisma.webhook.updateMany({ where: { id, ...owned(userId) }, data: { sealed: null } });
      return count > 0;
    },

    authenticate: async (id, proof) => {
      const stored = UUID.test(id) ? await findInUse(prisma, id) : undefined;
      const { sealed, ...place } = stored ?? decoy;
      const isProven = proves(proof, vault.open(sealed, ofWebhook(place)));
      return stored && isProven && stored.kind === proof.kind ? toWebhook(stored) : undefined;
    },
  };
}

/** One query whether it exists or not, so that the time of the answer shows nothing. */
async function findInUse(
  prisma: PrismaClient,
  id: string,
): Promise<(StoredWebhook & { sealed: Uint8Array }) | undefined> {
  const found = await prisma.webhook.findFirst({ where: { id, sealed: { not: null }, user: { disabledAt: null } } });
  return found?.sealed ? { ...found, sealed: found.sealed } : undefined;
}

function proves(proof: SignalProof, secret: string): boolean {
  return proof.kind === 'signed' ? isSigned(proof, secret) : isSame(proof.secret, secret);
}

/** Whether one of the signatures fits this body, with a timestamp within five minutes of the present. */
export function isSigned({ headers, body }: Omit<SignalProof & { kind: 'signed' }, 'kind'>, secret: string): boolean {
  try {
    new StandardWebhook(secret).verify(body, { ...headers }, { jsonParse: false });
    return true;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return false;
    throw error;
  }
}

/** Takes the same time whatever was sent. */
function isSame(sent: string, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(sent), digest(secret));
}

function toWebhook({ sealed: _, ...stored }: StoredWebhook): Webhook {
  return { ...stored, userId: stored.userId as UserId, kind: stored.kind as WebhookKind };
}

function tooMany(): Refused {
  return new Refused('conflict', {
    code: 'WEBHOOK_LIMIT',
    message: `You already have ${MOST_PER_USER} webhooks, the maximum. Delete one that you no longer use.`,
    limit: String(MOST_PER_USER),
  });
}
