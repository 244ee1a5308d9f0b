/** Every column of the database that holds seals, besides the canaries, which stay under their own key. */
import { ofAttempt, ofAuthenticator, ofGrant, ofWebhook } from './bindings.js';
import type { Binding } from './envelope.js';

export interface SealedColumn {
  table: string;
  column: string;
  /** the column of the primary key */
  key: string;
  /** the column that names the broker, where there is one */
  broker?: string;
  bindingOf(row: SealedRow): Binding;
}

/** One seal and what it is bound to. */
export interface SealedRow {
  key: string;
  userId: string;
  /** empty where the table knows no broker */
  broker: string;
  sealed: Buffer;
}

export const SEALED_COLUMNS: readonly SealedColumn[] = [
  {
    table: 'broker_connections',
    column: 'sealed',
    key: 'id',
    broker: 'broker',
    bindingOf: ({ key, userId, broker }) => ofGrant({ id: key, userId, broker }),
  },
  {
    table: 'oauth_attempts',
    column: 'sealed',
    key: 'state_hash',
    broker: 'broker',
    bindingOf: (row) => ofAttempt(row, row.key),
  },
  ...['sealed', 'pending'].map((column) => ({
    table: 'totp_secrets',
    column,
    key: 'user_id',
    bindingOf: ({ userId }: SealedRow) => ofAuthenticator(userId),
  })),
  {
    table: 'webhooks',
    column: 'sealed',
    key: 'id',
    bindingOf: ({ key, userId }) => ofWebhook({ id: key, userId }),
  },
];
