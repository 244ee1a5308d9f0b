import type { UserId } from '../domain/ids.js';

export type Role = 'standard' | 'admin' | 'superadmin';
export const ROLES: readonly Role[] = ['standard', 'admin', 'superadmin'];
export type Scope = 'read' | 'trade' | 'admin';
export const SCOPES: readonly Scope[] = ['read', 'trade', 'admin'];

/** What a person must do before anything else is possible. */
export type Duty = 'change-password' | 'set-up-totp';

/** Who is calling, and with which credentials. */
export type Caller =
  | { via: 'token'; userId: UserId; role: Role; scopes: readonly Scope[] }
  | { via: 'session'; userId: UserId; role: Role; sessionId: string; reauthenticatedAt: Date; duty?: Duty };

export function isAdmin(caller: Caller): boolean {
  const hasRole = caller.role === 'admin' || caller.role === 'superadmin';
  return hasRole && mayUse(caller, 'admin');
}

/** A session may do everything its user may; a token only what its scopes allow. */
export function mayUse(caller: Caller, scope: Scope): boolean {
  return caller.via === 'session' || caller.scopes.includes(scope);
}

/** A superadmin may do everything, so a password alone is not enough. */
export function dutyOf(user: { role: string; mustChangePassword: boolean; hasTotp: boolean }): Duty | undefined {
  if (user.mustChangePassword) return 'change-password';
  if (user.role === 'superadmin' && !user.hasTotp) return 'set-up-totp';
  return undefined;
}
