import type { Prisma, PrismaClient } from '../../prisma/generated/client.js';

/** Who did what, to what, from where, why; never a secret. Names are those of OWASP's logging vocabulary, where it has one. */
export interface AuditEntry {
  /** user id, "system", or "unknown" */
  actor: string;
  action: AuditAction;
  subject?: string;
  detail?: Prisma.InputJsonObject;
  /** becomes a part of the detail */
  from?: Origin;
}

/** Where a request comes from, as far as it is known. */
export interface Origin {
  address: string | null;
  userAgent: string | null;
}

export type AuditAction =
  | 'authn_login_success'
  | 'authn_login_fail'
  | 'authn_login_fail_max'
  | 'authn_second_factor_fail'
  | 'authn_password_change'
  | 'authn_password_reset_requested'
  | 'authn_password_reset'
  | 'authn_totp_on'
  | 'authn_totp_off'
  | 'authn_recovery_codes_renewed'
  | 'authn_recovery_code_used'
  | 'authz_fail'
  | 'crypt_decrypt_fail'
  | 'excess_rate_limit_exceeded'
  | 'session_ended'
  | 'authn_token_created'
  | 'authn_token_revoked'
  | 'webhook_created'
  | 'webhook_deleted'
  | 'user_created'
  | 'user_registration_requested'
  | 'user_registration_repeated'
  | 'user_disabled'
  | 'user_enabled'
  | 'user_role_proposed'
  | 'user_role_changed'
  | 'broker_connected'
  | 'broker_disconnected'
  | 'risk_limits_changed'
  | 'kill_switch_changed'
  | 'trade_cancel_requested'
  | 'trade_close_requested'
  | 'trade.start_refused'
  | 'trade.commanded_from_outside'
  | 'temporal.activity_refused'
  | 'order.send_refused'
  | 'trade.adopted';

/** Adds to the record, which nobody can take back: the database refuses changes and chains the rows (audit-chain.ts). */
export async function recordAudit(
  database: PrismaClient | Prisma.TransactionClient,
  { detail, from, ...entry }: AuditEntry,
): Promise<void> {
  await database.auditEvent.create({ data: { ...entry, detail: { ...detail, ...from } } });
}
