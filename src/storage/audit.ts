import type { Prisma, PrismaClient } from '../../prisma/generated/client.js';

/** Who did what, to what, from where; never a secret. Names of sign-in events are OWASP's. */
export interface AuditEntry {
  actor: string;
  action: AuditAction;
  subject?: string;
  detail?: Prisma.InputJsonObject;
}

export type AuditAction =
  | 'authn_login_success'
  | 'authn_login_fail'
  | 'authn_login_fail_max'
  | 'authn_password_change'
  | 'authn_password_reset_requested'
  | 'authn_password_reset'
  | 'authn_totp_on'
  | 'authn_totp_off'
  | 'authn_recovery_codes_renewed'
  | 'authn_recovery_code_used'
  | 'session_ended'
  | 'authn_token_created'
  | 'authn_token_revoked'
  | 'user_created'
  | 'user_registration_repeated'
  | 'user_disabled'
  | 'user_enabled'
  | 'user_role_proposed'
  | 'user_role_changed'
  | 'broker_connected'
  | 'broker_disconnected'
  | 'risk_limits_changed'
  | 'kill_switch_changed';

export async function recordAudit(database: PrismaClient | Prisma.TransactionClient, entry: AuditEntry): Promise<void> {
  await database.auditEvent.create({ data: entry });
}
